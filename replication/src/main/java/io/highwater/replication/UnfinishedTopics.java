package io.highwater.replication;

import io.highwater.proto.TopicIdPartition;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Topics of the images that are not yet, or not wholly, in force on this broker. They are brought
 * there in turns of the owner loop, the first to change first, and those that lack space on the
 * disk are tried again. What waits for the disk comes on when that is done.
 */
final class UnfinishedTopics {
  /** What clients hardly notice. */
  private static final long TURN_MS = 3;

  /**
   * Between such turns sockets are read: a loop runs what is queued, anew as well, for long before
   * it looks at them again, and a broker that answers no heartbeat is fenced.
   */
  private static final long TURN_PAUSE_MS = 1;

  /** Nothing is left to do for a topic. */
  static final int DONE = -1;

  /** Brings one topic in force. */
  @FunctionalInterface
  interface Work {
    /**
     * Works until nothing is left to do, or on the partition that ends the turn.
     *
     * @param from index of the partition to begin with; 0 unless a turn before ended within the
     *     topic, to which nothing was added since
     * @return where to go on in another turn, or {@link #DONE}
     */
    int apply(UUID topicId, int from, long turnEndMs);
  }

  private final OwnerLoop loop;
  private final LongSupplier nowMs;
  private final Work work;
  private final LongConsumer onInForce;

  /** Of topics, and of partitions that wait for the disk: since which image. Oldest first. */
  private final Map<UUID, Long> topics = new LinkedHashMap<>();

  private final Map<TopicIdPartition, Long> onDisk = new LinkedHashMap<>();
  private final Set<TopicIdPartition> awaitingSpace = new LinkedHashSet<>();
  private long index = -1;
  private long toldIndex = -1;

  /** Of the first topic: where to go on, unless something was added since. */
  private int from;

  private boolean again;

  private boolean finishing;
  private boolean closed;

  /**
   * @param onInForce hears of the newest image for which nothing is left to do but what lacks space
   */
  UnfinishedTopics(OwnerLoop loop, LongSupplier nowMs, Work work, LongConsumer onInForce) {
    this.loop = loop;
    this.nowMs = nowMs;
    this.work = work;
    this.onInForce = onInForce;
  }

  /** What is added from now on comes of this image. */
  void onImage(long newest) {
    index = newest;
  }

  /** Something is to be done; {@link #finish} does it. */
  void add(UUID topicId) {
    again |= topics.putIfAbsent(topicId, index) != null && topicId.equals(first());
  }

  /** A partition of a topic that is being worked on waits for the disk. */
  void waits(TopicIdPartition partition) {
    onDisk.putIfAbsent(partition, topics.getOrDefault(partition.topicId(), index));
  }

  /** A partition does not wait for the disk any more. */
  void waitsNoMore(TopicIdPartition partition) {
    if (onDisk.remove(partition) != null) {
      tell();
    }
  }

  /** Its log does not fit on the disk; whether that is new. */
  boolean awaitSpace(TopicIdPartition partition) {
    return awaitingSpace.add(partition);
  }

  /** It had the space it needed. */
  void hasSpace(TopicIdPartition partition) {
    awaitingSpace.remove(partition);
  }

  /** The topic is gone. */
  void awaitsNoSpace(UUID topicId) {
    awaitingSpace.removeIf(partition -> partition.topicId().equals(topicId));
  }

  /** Looks again whether there is space, and goes on. */
  void retry() {
    awaitingSpace.forEach(partition -> add(partition.topicId()));
    finish();
  }

  /** Nothing is to be done until more is added. */
  void clear() {
    topics.clear();
    from = 0;
    again = false;
    onDisk.clear();
    awaitingSpace.clear();
  }

  /** Nothing is done any more. */
  void close() {
    closed = true;
  }

  /** As many topics as a turn of the loop allows, the others in later turns. */
  void finish() {
    long turnEndMs = nowMs.getAsLong() + TURN_MS;
    while (!closed && !topics.isEmpty()) {
      UUID topicId = first();
      int begin = again ? 0 : from;
      again = false;
      from = work.apply(topicId, begin, turnEndMs);
      if (from != DONE || again) {
        finishLater();
        return;
      }
      topics.remove(topicId);
      from = 0;
    }
    tell();
  }

  private UUID first() {
    return topics.keySet().iterator().next();
  }

  private void tell() {
    long inForce = Math.min(index, Math.min(oldest(topics), oldest(onDisk)) - 1);
    if (!closed && inForce > toldIndex) {
      toldIndex = inForce;
      onInForce.accept(inForce);
    }
  }

  private static long oldest(Map<?, Long> since) {
    return since.isEmpty() ? Long.MAX_VALUE : since.values().iterator().next();
  }

  /** The same in a later turn. */
  void finishLater() {
    if (!finishing) {
      finishing = true;
      loop.schedule(
          TURN_PAUSE_MS,
          () -> {
            finishing = false;
            finish();
          });
    }
  }
}
