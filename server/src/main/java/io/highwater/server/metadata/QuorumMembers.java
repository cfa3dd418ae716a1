package io.highwater.server.metadata;

import io.highwater.replication.control.QuorumVoter;
import java.util.List;

/**
 * Who is in the metadata quorum, and who could be.
 *
 * @param standbys live brokers that can be added
 * @param leaderId the voter that leads
 */
public record QuorumMembers(List<QuorumVoter> voters, List<QuorumVoter> standbys, int leaderId) {
  public QuorumMembers {
    voters = List.copyOf(voters);
    standbys = List.copyOf(standbys);
  }
}
