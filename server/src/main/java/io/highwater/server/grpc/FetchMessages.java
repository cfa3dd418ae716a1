package io.highwater.server.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.OffsetAnswer;
import io.highwater.proto.v1.OffsetSpec;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.replication.LostRecords;
import io.highwater.replication.ReaderPosition;
import io.highwater.server.fetch.FetchAnswer;
import io.highwater.server.fetch.FetchStart;
import io.highwater.server.fetch.OffsetLookup;
import io.highwater.server.partition.PartitionException;

/** Positions and answers as {@code fetch.proto} says them. */
final class FetchMessages {
  private FetchMessages() {}

  static FetchStart start(TopicIdPartition id, FetchPosition position) {
    return new FetchStart(
        id,
        position.getCurrentLeaderEpoch(),
        position.getFetchOffset(),
        position.hasLastFetchedEpoch() ? position.getLastFetchedEpoch() : ReaderPosition.UNKNOWN,
        position.getMaxBytes(),
        position.getFromFollower(),
        position.hasOffsetEpoch() ? position.getOffsetEpoch() : ReaderPosition.UNKNOWN);
  }

  static io.highwater.proto.v1.LostRecords lost(LostRecords lost) {
    return io.highwater.proto.v1.LostRecords.newBuilder()
        .setFromOffset(lost.fromOffset())
        .setEndOffset(lost.endOffset())
        .setCertain(lost.certain())
        .setText(lost.text())
        .build();
  }

  /** The answer's bytes are part of the message from now on. */
  static PartitionRecords records(FetchPosition position, FetchAnswer answer) {
    PartitionRecords.Builder records =
        PartitionRecords.newBuilder()
            .setTopicId(position.getTopicId())
            .setPartition(position.getPartition())
            .setError(Messages.error(answer.error()))
            .setErrorMessage(answer.text());
    if (answer.status() != null) {
      records.setStatus(Messages.status(answer.status()));
    }
    if (answer.lost() != null) {
      records.setLost(lost(answer.lost()));
    }
    if (answer.leader() != null) {
      records.setLeader(Messages.leader(answer.leader()));
    }
    if (answer.records() != null) {
      records.setRecords(UnsafeByteOperations.unsafeWrap(answer.records()));
    }
    return records.build();
  }

  static OffsetLookup.Spec spec(OffsetSpec spec) {
    return switch (spec) {
      case OFFSET_SPEC_EARLIEST -> OffsetLookup.Spec.EARLIEST;
      case OFFSET_SPEC_LATEST -> OffsetLookup.Spec.LATEST;
      case OFFSET_SPEC_LOG_END -> OffsetLookup.Spec.LOG_END;
      case OFFSET_SPEC_TIMESTAMP -> OffsetLookup.Spec.TIMESTAMP;
      case OFFSET_SPEC_UNSPECIFIED, UNRECOGNIZED ->
          throw new HighwaterException(
              ErrorCode.INVALID_REQUEST, "which offset is wanted is not said");
    };
  }

  static OffsetAnswer offset(OffsetLookup.Found found) {
    return OffsetAnswer.newBuilder()
        .setOffset(found.offset())
        .setTimestamp(found.timestamp())
        .setStatus(Messages.status(found.status()))
        .build();
  }

  static OffsetAnswer offsetError(HighwaterException failure) {
    OffsetAnswer.Builder answer =
        OffsetAnswer.newBuilder()
            .setError(Messages.error(failure.code()))
            .setErrorMessage(failure.getMessage())
            .setOffset(OffsetLookup.NOTHING)
            .setTimestamp(OffsetLookup.NOTHING);
    if (failure instanceof PartitionException redirect) {
      redirect.leader().ifPresent(leader -> answer.setLeader(Messages.leader(leader)));
    }
    return answer.build();
  }
}
