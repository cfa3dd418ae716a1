package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.util.Objects;

/**
 * What became of one partition in a call about many.
 *
 * @param partition which
 * @param error {@link ErrorCode#NONE} when it was done
 * @param message what went wrong, for people
 * @param leaderId node id of its leader now, or -1 when there is none
 * @param leaderEpoch of that decision, or -1
 */
public record PartitionOutcome(
    TopicPartition partition, ErrorCode error, String message, int leaderId, int leaderEpoch) {
  public PartitionOutcome {
    Objects.requireNonNull(partition, "partition");
    Objects.requireNonNull(error, "error");
    Objects.requireNonNull(message, "message");
  }
}
