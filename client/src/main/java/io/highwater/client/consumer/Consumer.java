package io.highwater.client.consumer;

import io.highwater.proto.TopicPartition;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads assigned partitions from chosen offsets up to the high watermark. Brokers push batches
 * ahead of {@link #poll}, which only hands them over.
 *
 * <p>For one thread; only {@link #wakeup} may be called from others. Methods that ask the cluster
 * block at most the API timeout and throw {@link io.highwater.proto.HighwaterException}.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies land next.
public final class Consumer implements AutoCloseable {
  private Consumer() {}

  /** Settings to build one from. */
  public static ConsumerBuilder builder() {
    return new ConsumerBuilder();
  }

  static Consumer open(ConsumerConfig config) {
    throw new UnsupportedOperationException("lands next: " + config);
  }

  /**
   * The partitions of a topic, by number.
   *
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public List<TopicPartition> partitionsOf(String topic) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Replaces the partitions to read. Those that were assigned already keep their positions; new
   * ones have none until a seek.
   */
  public void assign(Collection<TopicPartition> partitions) {
    throw new UnsupportedOperationException("lands next");
  }

  /** The partitions being read. */
  public Set<TopicPartition> assignment() {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Reads an assigned partition from this offset on.
   *
   * @param offset from 0; whether it exists shows at the next polls
   */
  public void seek(TopicPartition partition, long offset) {
    throw new UnsupportedOperationException("lands next");
  }

  /** Reads assigned partitions from their log start offsets on. */
  public void seekToBeginning(Collection<TopicPartition> partitions) {
    throw new UnsupportedOperationException("lands next");
  }

  /** Reads assigned partitions from their high watermarks on. */
  public void seekToEnd(Collection<TopicPartition> partitions) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Reads assigned partitions from the first record with this timestamp or a later one; from the
   * high watermark where there is none.
   *
   * @param timestamp ms since 1970
   */
  public void seekToTimestamp(Collection<TopicPartition> partitions, long timestamp) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Records that follow the positions, which move past them. Returns as soon as there are some.
   *
   * @param timeout how long to wait for the first; zero to look only
   * @return records, or none when the time is over or {@link #wakeup} was called
   * @throws OffsetGapException when a position is gone and the reset policy is to fail
   * @throws io.highwater.proto.HighwaterException CORRUPT_MESSAGE for bytes that fail their CRC, or
   *     an error of the cluster that no retry heals; positions have not moved past it
   * @throws IllegalStateException when an assigned partition has no position
   * @throws java.util.concurrent.CancellationException when interrupted; the flag stays set
   */
  public ConsumerRecords poll(Duration timeout) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * The offset of the next record that {@code poll} will return.
   *
   * @throws IllegalStateException when the partition is not assigned or has no position
   */
  public long position(TopicPartition partition) {
    throw new UnsupportedOperationException("lands next");
  }

  /** The log start offsets now. */
  public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * The high watermarks now, as their leaders know them: a reader whose {@link #position} has
   * reached them has seen all that was committed before the call.
   */
  public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * The first offsets with this timestamp or a later one; partitions without such a record are left
   * out.
   *
   * @param timestamp ms since 1970
   */
  public Map<TopicPartition, Long> offsetsForTimestamp(
      Collection<TopicPartition> partitions, long timestamp) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Whether the position has reached the high watermark that the leader last told. New records may
   * have come since.
   */
  public boolean isCaughtUp(TopicPartition partition) {
    throw new UnsupportedOperationException("lands next");
  }

  /** Makes a poll that waits, or the next one, return at once. From any thread. */
  public void wakeup() {
    throw new UnsupportedOperationException("lands next");
  }

  /** Lets go of the connections. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("lands next");
  }
}
