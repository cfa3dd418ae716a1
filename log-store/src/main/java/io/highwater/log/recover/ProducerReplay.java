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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Brings producer state to an offset: the latest sound snapshot at or below it, then the batches
 * from there on (REC-4, IDM-3).
 */
final class ProducerReplay {
  private final LogContext context;

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
    List<Long> offsets = snapshotOffsets();
    offsets.sort(Comparator.reverseOrder());
    for (long offset : offsets) {
      if (offset <= most && ProducerSnapshot.load(context.files(), offset, states)) {
        return offset;
      }
    }
    return first <= most
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
    for (long offset : snapshotOffsets()) {
      if (offset > end) {
        ProducerSnapshot.delete(context.storage(), context.directory(), offset);
      }
    }
  }

  /**
   * Deletes the snapshots that no segment begins with, but the last one: that of a clean stop, or
   * of a segment that compaction took in or retention deletes.
   */
  void deleteStray(Set<Long> bases) throws IOException {
    List<Long> stray = snapshotOffsets();
    stray.removeIf(bases::contains);
    stray.sort(Comparator.naturalOrder());
    for (long offset : stray.subList(0, Math.max(0, stray.size() - 1))) {
      ProducerSnapshot.delete(context.storage(), context.directory(), offset);
    }
  }

  private List<Long> snapshotOffsets() throws IOException {
    List<Long> offsets = new ArrayList<>();
    for (String name : context.storage().list(context.directory())) {
      OptionalLong offset = SegmentFiles.offsetOf(name, SegmentFiles.SNAPSHOT);
      if (offset.isPresent()) {
        offsets.add(offset.getAsLong());
      }
    }
    return offsets;
  }
}
