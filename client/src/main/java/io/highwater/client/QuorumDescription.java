package io.highwater.client;

import java.util.List;

/**
 * The metadata quorum.
 *
 * @param voters its members
 * @param standbys live brokers that can be added
 * @param leaderId the member that leads, the active controller
 */
public record QuorumDescription(
    List<ControllerDescription> voters, List<ControllerDescription> standbys, int leaderId) {
  public QuorumDescription {
    voters = List.copyOf(voters);
    standbys = List.copyOf(standbys);
  }
}
