package io.highwater.client;

import java.util.Objects;

/**
 * What a broker says about a partition's leader, when it is not the one.
 *
 * @param nodeId of the leader
 * @param address where it listens for clients
 * @param leaderEpoch since when it leads
 */
public record LeaderHint(int nodeId, BrokerAddress address, int leaderEpoch) {
  public LeaderHint {
    Objects.requireNonNull(address, "address");
  }
}
