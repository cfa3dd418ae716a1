package io.highwater.client.consumer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;

/** A consumer's position is gone: records it has not seen cannot be read any more. */
public final class OffsetGapException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  private final transient TopicPartition partition;
  private final long from;
  private final long to;

  OffsetGapException(TopicPartition partition, long from, long to, String reason) {
    super(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        partition + ": offset " + from + " is gone, reading can go on at " + to + ": " + reason);
    this.partition = partition;
    this.from = from;
    this.to = to;
  }

  /** Which partition. */
  public TopicPartition partition() {
    return partition;
  }

  /** The position that is gone. */
  public long from() {
    return from;
  }

  /** The offset to go on at: above {@link #from()} after retention, below it after truncation. */
  public long to() {
    return to;
  }
}
