package io.highwater.client.producer;

import io.highwater.proto.Invariant;
import io.highwater.proto.TopicPartition;
import java.util.ArrayDeque;

/**
 * One partition's batches that were not sent yet: full ones, and one that is open. Senders and the
 * loop meet at its monitor, which is held for one record at most: compression happens outside.
 */
final class PartitionQueue {
  private final TopicPartition partition;
  private final ArrayDeque<ProducerBatch> full = new ArrayDeque<>();
  private ProducerBatch open;
  private boolean retired;

  PartitionQueue(TopicPartition partition) {
    this.partition = partition;
  }

  /** What became of a record. */
  enum Append {
    /** It is in the open batch. */
    APPENDED,
    /** It opened the batch that was brought. */
    OPENED,
    /** There is no open batch that it fits into: bring one. */
    NEEDS_BATCH,
    /** The topic is gone or was created anew: look it up again. */
    RETIRED
  }

  TopicPartition partition() {
    return partition;
  }

  /**
   * Appends a record.
   *
   * @param fresh to be opened when there is no open batch with room, or null
   */
  synchronized Append append(
      long timestamp, ProducerRecord record, SendCallback callback, ProducerBatch fresh) {
    if (retired) {
      return Append.RETIRED;
    }
    if (open != null && open.tryAppend(timestamp, record, callback)) {
      return Append.APPENDED;
    }
    if (fresh == null) {
      return Append.NEEDS_BATCH;
    }
    closeOpen();
    boolean appended = fresh.tryAppend(timestamp, record, callback);
    Invariant.check(appended, "a batch is opened with room for its first record");
    open = fresh;
    return Append.OPENED;
  }

  /**
   * Closes the open batch, because a record did not fit into it.
   *
   * @return it, to be sealed by the caller; null when there is none or it has room
   */
  synchronized ProducerBatch closeIfFull(long timestamp, ProducerRecord record) {
    return open == null || open.fits(timestamp, record) ? null : closeOpen();
  }

  /**
   * Takes the oldest batch that is full, or open since {@code openedBefore} at the latest. It may
   * have to be sealed.
   *
   * @return null when there is none
   */
  synchronized ProducerBatch takeReady(long openedBefore) {
    if (full.isEmpty() && open != null && open.openedNanos() - openedBefore <= 0) {
      closeOpen();
    }
    return full.pollFirst();
  }

  /** Takes the oldest batch when it was opened before a time; null otherwise. */
  synchronized ProducerBatch takeExpired(long openedBefore) {
    ProducerBatch oldest = full.isEmpty() ? open : full.peekFirst();
    if (oldest == null || oldest.openedNanos() - openedBefore > 0) {
      return null;
    }
    if (oldest == open) {
      closeOpen();
    }
    return full.pollFirst();
  }

  /** No more records: senders must look the topic up again. */
  synchronized void retire() {
    retired = true;
  }

  synchronized boolean isEmpty() {
    return full.isEmpty() && open == null;
  }

  /** Whether a batch waits that is full. */
  synchronized boolean hasFull() {
    return !full.isEmpty();
  }

  /** When the open batch was opened, or {@code otherwise} when there is none. */
  synchronized long openedNanos(long otherwise) {
    return open == null ? otherwise : open.openedNanos();
  }

  private ProducerBatch closeOpen() {
    ProducerBatch closed = open;
    if (closed != null) {
      full.addLast(closed);
      open = null;
    }
    return closed;
  }
}
