package io.highwater.server.grpc;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.replication.LogStatus;
import io.highwater.server.partition.LeaderHint;
import java.util.UUID;

/** Values of the contracts in {@code common.proto} and {@code error.proto}, there and back. */
final class Messages {
  /** Of which one unary call may speak; streams take any number, one after the other. */
  static final int MAX_PARTITIONS = 20_000;

  private Messages() {}

  /** The error of the catalogue as it is on the wire. */
  static io.highwater.proto.v1.ErrorCode error(ErrorCode code) {
    return io.highwater.proto.v1.ErrorCode.forNumber(code.wire());
  }

  /** What became of something, as it is on the wire. */
  static io.highwater.proto.v1.Outcome outcome(Outcome outcome) {
    return io.highwater.proto.v1.Outcome.forNumber(outcome.wire());
  }

  static io.highwater.proto.v1.LogStatus status(LogStatus status) {
    return io.highwater.proto.v1.LogStatus.newBuilder()
        .setLeaderEpoch(status.leaderEpoch())
        .setLogStartOffset(status.logStartOffset())
        .setHighWatermark(status.highWatermark())
        .setLastStableOffset(status.lastStableOffset())
        .build();
  }

  static io.highwater.proto.v1.LeaderHint leader(LeaderHint leader) {
    return io.highwater.proto.v1.LeaderHint.newBuilder()
        .setNodeId(leader.nodeId())
        .setHost(leader.host())
        .setPort(leader.port())
        .setLeaderEpoch(leader.leaderEpoch())
        .build();
  }

  /**
   * A topic id, or null when none was given.
   *
   * @throws HighwaterException INVALID_REQUEST for another length than 16 bytes
   */
  static UUID topicId(ByteString bytes) {
    return bytes.isEmpty() ? null : TopicIds.fromBytes(bytes);
  }

  /**
   * Refuses a request that asks for too many things at once: it is answered in one turn of a loop
   * that others wait for.
   *
   * @param what they are, for people
   * @throws HighwaterException INVALID_REQUEST
   */
  static void requireAtMost(int most, int count, String what) {
    if (count > most) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          count + " " + what + " in one request; at most " + most + " can be");
    }
  }
}
