package io.highwater.replication;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * Topics of the present image that are not yet, or not wholly, in force on this broker. They are
 * brought there in turns of the owner loop, and those that lack space on the disk are tried again.
 */
final class UnfinishedTopics {
  /** Creating logs and recording epochs wait for the disk: then other work has its turn. */
  private static final long TURN_MS = 50;

  /**
   * Between such turns sockets are read: a loop runs what is queued, anew as well, for long before
   * it looks at them again, and a broker that answers no heartbeat is fenced.
   */
  private static final long TURN_PAUSE_MS = 1;

  /** Brings one topic in force. */
  @FunctionalInterface
  interface Work {
    /** Whether nothing is left to do; work stops with the partition that ends the turn. */
    boolean apply(UUID topicId, long turnEndMs);
  }

  private final OwnerLoop loop;
  private final LongSupplier nowMs;
  private final Work work;
  private final Runnable onFinished;
  private final Set<UUID> topics = new LinkedHashSet<>();
  private final Set<UUID> awaitingSpace = new LinkedHashSet<>();
  private boolean finishing;
  private boolean closed;

  /**
   * @param onFinished run whenever nothing is left to do but what lacks space
   */
  UnfinishedTopics(OwnerLoop loop, LongSupplier nowMs, Work work, Runnable onFinished) {
    this.loop = loop;
    this.nowMs = nowMs;
    this.work = work;
    this.onFinished = onFinished;
  }

  /** Something is to be done; {@link #finish} does it. */
  void add(UUID topicId) {
    topics.add(topicId);
  }

  /** Its logs do not fit on the disk; whether that is new. */
  boolean awaitSpace(UUID topicId) {
    return awaitingSpace.add(topicId);
  }

  /** It has the space it needs, or needs none any more. */
  void awaitsNoSpace(UUID topicId) {
    awaitingSpace.remove(topicId);
  }

  /** Looks again whether there is space, and goes on. */
  void retry() {
    topics.addAll(awaitingSpace);
    finish();
  }

  /** Nothing is to be done until more is added. */
  void clear() {
    topics.clear();
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
      UUID topicId = topics.iterator().next();
      if (!work.apply(topicId, turnEndMs)) {
        finishLater();
        return;
      }
      topics.remove(topicId);
    }
    if (!closed) {
      onFinished.run();
    }
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
