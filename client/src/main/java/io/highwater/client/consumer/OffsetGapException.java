package io.highwater.client.consumer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;

/**
 * A consumer's position is gone: records that it has not seen cannot be read any more, or such that
 * it has seen are lost.
 */
public final class OffsetGapException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /** Why a position is gone. */
  public enum Cause {
    /** Retention or an operator deleted the records between {@link #from()} and {@link #to()}. */
    DELETED,
    /**
     * The records read from {@link #to()} up to {@link #from()} are lost to the cluster, though
     * they were committed; other ones stand there now, or will. All from {@code to()} on are new.
     */
    LOST,
    /**
     * The same may be so, for the position came without the leader epoch of the record before it
     * ({@link Consumer#offsetAndEpoch}). It stays valid: the next poll goes on there.
     */
    MAYBE_LOST,
    /** It is beyond the log's end. */
    OUT_OF_RANGE
  }

  private final Cause cause;
  private final transient TopicPartition partition;
  private final long from;
  private final long to;

  OffsetGapException(Cause cause, TopicPartition partition, long from, long to, String reason) {
    super(
        ErrorCode.OFFSET_OUT_OF_RANGE,
        partition
            + (cause == Cause.MAYBE_LOST
                ? ": " + reason
                : ": offset " + from + " is gone, reading can go on at " + to + ": " + reason));
    this.cause = cause;
    this.partition = partition;
    this.from = from;
    this.to = to;
  }

  /** Why it is gone. */
  public Cause gapCause() {
    return cause;
  }

  /** Which partition. */
  public TopicPartition partition() {
    return partition;
  }

  /** The position that is gone. */
  public long from() {
    return from;
  }

  /** The offset to go on at: above {@link #from()} after retention, below it after a loss. */
  public long to() {
    return to;
  }
}
