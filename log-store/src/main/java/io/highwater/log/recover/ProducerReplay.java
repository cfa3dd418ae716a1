package io.highwater.log.recover;

import io.highwater.log.LogContext;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Brings producer state to an offset: the latest sound snapshot at or below it, then the batches
 * from there on (REC-4, IDM-3). For one opening, cut or search: snapshots are looked for once.
 */
final class ProducerReplay {
  private final LogContext context;

  private NavigableSet<Long> snapshots; // Null: not looked for yet.

  ProducerReplay(LogContext context) {
    this.context = context;
  }

  /**
   * Loads the latest sound snapshot at or below {@code most} into {@code states}. When there is
   * none, one that Kafka wrote at {@code first}: what it leaves out is in the batches from there
   * on, or gone.
   *
   * @param first base offset of the log's first segment
   * @return its offset, or -1 when there is none and {@code states} is empty
   */
  long loadSnapshot(long first, long most, ProducerStates states) throws IOException {
    states.clear();
    for (long offset : snapshots().descendingSet()) {
      if (offset <= most && ProducerSnapshot.load(context.files(), offset, states)) {
        return offset;
      }
    }
    return first <= most
            && snapshots().contains(first)
            && ProducerSnapshot.loadKafka(context.files(), first, context.clock().time(), states)
        ? first
        : -1;
  }

  /**
   * Replays the batches from {@code from} to {@code end}, headers and control batches only.
   *
   * @param aborted takes the transactions that they abort
   */
  void replay(
      SegmentList segments,
      long from,
      long end,
      ProducerStates states,
      Consumer<AbortedTransaction> aborted)
      throws IOException {
    long nowMs = context.clock().time();
    for (int i = segments.floorIndex(from); i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (segment.baseOffset() >= end) {
        return;
      }
      SegmentData data = segment.acquire();
      try {
        SegmentScanner scan =
            new SegmentScanner(data.log(), 0, segment.sizeInBytes(), SegmentScanner.Depth.HEADERS);
        while (scan.next() && scan.batch().baseOffset() < end) {
          BatchView batch = scan.batch();
          if (batch.baseOffset() >= from) {
            AbortedTransaction transaction = states.update(batch, nowMs);
            if (transaction != null) {
              aborted.accept(transaction);
            }
          }
        }
      } finally {
        data.release();
      }
    }
  }

  /** Deletes the snapshots above {@code end}: they describe records that are gone. */
  void deleteAbove(long end) throws IOException {
    delete(snapshots().tailSet(end, false));
  }

  /**
   * Deletes the snapshots that no segment begins with, but the last one: that of a clean stop, or
   * of a segment that compaction took in or retention deletes.
   */
  void deleteStray(Set<Long> bases) throws IOException {
    NavigableSet<Long> stray = new TreeSet<>(snapshots());
    stray.removeAll(bases);
    stray.pollLast();
    delete(stray);
  }

  private void delete(Set<Long> offsets) throws IOException {
    for (long offset : List.copyOf(offsets)) {
      ProducerSnapshot.delete(context.storage(), context.directory(), offset);
      snapshots.remove(offset);
    }
  }

  private NavigableSet<Long> snapshots() throws IOException {
    if (snapshots == null) {
      snapshots = new TreeSet<>();
      for (String name : context.storage().list(context.directory())) {
        SegmentFiles.offsetOf(name, SegmentFiles.SNAPSHOT).ifPresent(snapshots::add);
      }
    }
    return snapshots;
  }
}
