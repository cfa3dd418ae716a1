package io.highwater.client.consumer;

import io.highwater.client.FetchStream;
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
  private int offsetEpoch;
  private long nextOffset;
  private int lastEpoch;
  private BrokerFetch source;
  private int leaderEpoch = -1;
  private boolean fromFollower;
  private int followerFailures;
  private long followerAtNanos;
  private int failures;
  private long retryAtNanos;
  private boolean describing;
  private boolean unknown;
  private long unknownSinceNanos;

  /**
   * @param generation of the seek
   * @param start where to begin
   */
  FetchTarget(
      TopicPartition partition, long generation, FetchStream.Position start, long nowNanos) {
    this.partition = partition;
    this.generation = generation;
    this.nextOffset = start.offset();
    this.lastEpoch = start.lastEpoch();
    this.offsetEpoch = start.offsetEpoch();
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

  /** Where it stands, for the broker. */
  FetchStream.Position position() {
    return new FetchStream.Position(nextOffset, lastEpoch, offsetEpoch);
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

  /** How long ago a broker first said that it does not know the topic, with nothing read since. */
  long unknownForNanos(long nowNanos) {
    if (!unknown) {
      unknown = true;
      unknownSinceNanos = nowNanos;
    }
    return nowNanos - unknownSinceNanos;
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

  /** Goes back to where what was lost began: what the log holds from there on is new (CON-1). */
  void resumeAt(long offset, int leaderEpoch) {
    nextOffset = offset;
    lastEpoch = -1;
    offsetEpoch = leaderEpoch;
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
    unknown = false;
    if (fromFollower) {
      followerFailures = 0;
    }
    return true;
  }
}
