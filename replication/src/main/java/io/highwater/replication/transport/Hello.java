package io.highwater.replication.transport;

import java.util.Objects;

/**
 * The follower's first word on a stream.
 *
 * @param clusterId the cluster that the follower belongs to
 * @param brokerId the follower
 * @param brokerEpoch its registration (FEN-3)
 * @param incarnation names this stream among those of that registration: acks bind to it
 * @param leaderBrokerId whom the follower means to talk to
 * @param answersHash whether it knows {@link FollowerLink#askHash}
 */
public record Hello(
    String clusterId,
    int brokerId,
    long brokerEpoch,
    long incarnation,
    int leaderBrokerId,
    boolean answersHash) {
  public Hello {
    Objects.requireNonNull(clusterId, "clusterId");
  }
}
