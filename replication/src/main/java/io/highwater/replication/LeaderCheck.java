package io.highwater.replication;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Replica.Role;

/**
 * Whether a request may pass that is for a leader epoch, or for the leader (FEN-1), and why not. On
 * the owner loop.
 */
final class LeaderCheck {
  private final Replica replica;
  private final int brokerId;

  LeaderCheck(Replica replica, int brokerId) {
    this.replica = replica;
    this.brokerId = brokerId;
  }

  void requireEpoch(int expectedLeaderEpoch) {
    require(epochError(expectedLeaderEpoch), expectedLeaderEpoch);
  }

  void requireLeader(int expectedLeaderEpoch) {
    require(leaderError(expectedLeaderEpoch), expectedLeaderEpoch);
  }

  void requireInSync(int expectedLeaderEpoch) {
    ErrorCode error = leaderError(expectedLeaderEpoch);
    boolean follows =
        replica.role() == Role.FOLLOWER && replica.assignment().isr().contains(brokerId);
    if (error != ErrorCode.NOT_LEADER_OR_FOLLOWER || !follows) {
      require(error, expectedLeaderEpoch);
    }
  }

  private void require(ErrorCode error, int expectedLeaderEpoch) {
    if (error != ErrorCode.NONE) {
      throw new HighwaterException(error, text(error, expectedLeaderEpoch));
    }
  }

  private ErrorCode epochError(int expectedLeaderEpoch) {
    int leaderEpoch = replica.leaderEpoch();
    if (expectedLeaderEpoch < 0 || expectedLeaderEpoch == leaderEpoch) {
      return ErrorCode.NONE;
    }
    return expectedLeaderEpoch < leaderEpoch
        ? ErrorCode.FENCED_LEADER_EPOCH
        : ErrorCode.UNKNOWN_LEADER_EPOCH;
  }

  /** NONE when this broker leads in the expected epoch, or in any when none is expected. */
  ErrorCode leaderError(int expectedLeaderEpoch) {
    ErrorCode error = epochError(expectedLeaderEpoch);
    if (error != ErrorCode.NONE || replica.role() == Role.LEADER) {
      return error;
    }
    return replica.role() == Role.OFFLINE
        ? ErrorCode.KAFKA_STORAGE_ERROR
        : ErrorCode.NOT_LEADER_OR_FOLLOWER;
  }

  /** For people. */
  String text(ErrorCode error, int expectedLeaderEpoch) {
    String name = replica.topic() + "-" + replica.partition().partition();
    return switch (error) {
      case FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH ->
          "leader epoch is " + replica.leaderEpoch() + ", not " + expectedLeaderEpoch;
      case KAFKA_STORAGE_ERROR -> replica.log().damage().orElse("the log of " + name + " failed");
      default ->
          "broker "
              + brokerId
              + " does not lead "
              + name
              + ", broker "
              + replica.leader()
              + " does in epoch "
              + replica.leaderEpoch();
    };
  }
}
