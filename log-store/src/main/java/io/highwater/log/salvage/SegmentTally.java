package io.highwater.log.salvage;

import io.highwater.log.salvage.SegmentRest.DamagedBytes;
import io.highwater.log.salvage.SegmentRest.Intact;
import io.highwater.log.salvage.SegmentRest.UnreadableBatch;
import io.highwater.log.verify.SegmentWalk;
import io.highwater.proto.record.BatchView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Takes down what is found in one segment, from its beginning to its end. One thread. */
final class SegmentTally implements SegmentWalk.Damage {
  /** Of each kind: a file may be damaged in very many places. */
  private static final int MAX_LISTED = 1_000;

  private final List<OffsetRange> offsets = new ArrayList<>();
  private final List<DamagedBytes> damaged = new ArrayList<>();
  private final List<OffsetRange> missing = new ArrayList<>();
  private final List<UnreadableBatch> unreadable = new ArrayList<>();
  private long batches;
  private long records;
  private long unlisted;

  /** Where the offsets that follow each other begin and end; none when they are equal. */
  private long runStart;

  private long runEnd;

  /**
   * A batch that can be read.
   *
   * @param from its first offset that still counts
   */
  void intact(BatchView batch, long from) {
    batches++;
    records += batch.isControl() ? 0 : batch.recordCount();
    if (runStart == runEnd) {
      runStart = from;
    }
    runEnd = batch.nextOffset();
  }

  void unreadable(BatchView batch, long position, String what) {
    interrupt();
    OffsetRange of = new OffsetRange(batch.baseOffset(), batch.lastOffset());
    list(unreadable, new UnreadableBatch(position, of, what));
  }

  @Override
  public void damaged(long position, long end, String what) {
    interrupt();
    list(damaged, new DamagedBytes(position, end - position, what));
  }

  /**
   * Offsets that no batch has.
   *
   * @param end exclusive
   */
  void missing(long from, long end) {
    interrupt();
    list(missing, new OffsetRange(from, end - 1));
  }

  private void interrupt() {
    if (runStart < runEnd) {
      list(offsets, new OffsetRange(runStart, runEnd - 1));
      runStart = runEnd;
    }
  }

  private <T> void list(List<T> found, T one) {
    if (found.size() < MAX_LISTED) {
      found.add(one);
    } else {
      unlisted++;
    }
  }

  /** All of it, once the end was reached. */
  SegmentRest rest(Path file, long bytes) {
    interrupt();
    return new SegmentRest(
        file,
        bytes,
        new Intact(batches, records, List.copyOf(offsets)),
        List.copyOf(damaged),
        List.copyOf(missing),
        List.copyOf(unreadable),
        unlisted);
  }
}
