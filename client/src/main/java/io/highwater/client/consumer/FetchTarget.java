package io.highwater.client.consumer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Invariant;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/** How far one partition has been fetched since a seek. Loop only. */
final class FetchTarget {
  private final TopicPartition partition;
  private final long generation;
  private final BatchView view = new BatchView();
  private UUID topicId;
  private long nextOffset;
  private int lastEpoch = -1;
  private BrokerFetch source;
  private int leaderEpoch = -1;
  private boolean fromFollower;
  private int followerFailures;
  private long followerAtNanos;
  private int failures;
  private long retryAtNanos;
  private boolean describing;

  /**
   * @param generation of the seek
   * @param offset to begin at
   */
  FetchTarget(TopicPartition partition, long generation, long offset, long nowNanos) {
    this.partition = partition;
    this.generation = generation;
    this.nextOffset = offset;
    this.retryAtNanos = nowNanos;
    this.followerAtNanos = nowNanos;
  }

  TopicPartition partition() {
    return partition;
  }

  long generation() {
    return generation;
  }

  /** Null until the topic was described. */
  UUID topicId() {
    return topicId;
  }

  void topicId(UUID id) {
    topicId = id;
  }

  /** The next offset wanted from the broker. */
  long nextOffset() {
    return nextOffset;
  }

  /** Leader epoch of the batch before it, or -1. */
  int lastEpoch() {
    return lastEpoch;
  }

  /** The stream that it is fetched on, or null. */
  BrokerFetch source() {
    return source;
  }

  void source(BrokerFetch stream) {
    source = stream;
  }

  /** The leader's epoch when it was last placed; -1 before. */
  int leaderEpoch() {
    return leaderEpoch;
  }

  void leaderEpoch(int epoch) {
    leaderEpoch = epoch;
  }

  /** Whether the source it is or was last fetched from is a follower. */
  boolean isFromFollower() {
    return fromFollower;
  }

  void fromFollower(boolean isFollower) {
    fromFollower = isFollower;
  }

  boolean mayFetchFromFollower(long nowNanos) {
    return nowNanos - followerAtNanos >= 0;
  }

  /** How often followers failed it in a row, this time included. */
  int followerFailed() {
    return ++followerFailures;
  }

  void followerAt(long nanos) {
    followerAtNanos = nanos;
  }

  boolean isDescribing() {
    return describing;
  }

  void describing(boolean isDescribing) {
    describing = isDescribing;
  }

  boolean mayTry(long nowNanos) {
    return nowNanos - retryAtNanos >= 0;
  }

  /** How often it failed in a row, this time included. */
  int failed() {
    return ++failures;
  }

  void retryAt(long nanos) {
    retryAtNanos = nanos;
  }

  /** Goes on at a later offset: what is between cannot be read. */
  void skipTo(long offset) {
    Invariant.check(offset >= nextOffset, "CON-1: positions only rise", nextOffset, offset);
    nextOffset = offset;
  }

  /**
   * Takes fetched batches in: checks their frames and moves behind them.
   *
   * @return false when they all lie before what is wanted
   * @throws HighwaterException CORRUPT_MESSAGE when they are not whole batches
   */
  boolean advance(ByteBuffer records) {
    UnsafeBuffer buffer = new UnsafeBuffer(records);
    long next = nextOffset;
    int epoch = lastEpoch;
    int at = 0;
    while (at < buffer.capacity()) {
      int available = buffer.capacity() - at;
      view.wrap(buffer, at);
      int size = available < BatchLayout.HEADER_BYTES ? 0 : view.sizeInBytes();
      if (size < BatchLayout.HEADER_BYTES || size > available) {
        throw new HighwaterException(
            ErrorCode.CORRUPT_MESSAGE,
            partition + ": a batch of " + size + " bytes came with " + available);
      }
      if (view.nextOffset() > next) {
        next = view.nextOffset();
        epoch = view.leaderEpoch();
      }
      at += size;
    }
    if (next == nextOffset) {
      return false;
    }
    nextOffset = next;
    lastEpoch = epoch;
    failures = 0;
    if (fromFollower) {
      followerFailures = 0;
    }
    return true;
  }
}
