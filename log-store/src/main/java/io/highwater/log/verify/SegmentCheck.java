package io.highwater.log.verify;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.segment.LogCrc;
import io.highwater.log.segment.SegmentMarks;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Checks every byte of one segment's log file, as slowly as the caller likes: each batch by its
 * CRC, what the CRC does not cover by the neighbours (STO-4), the whole by what was written down
 * when the segment was sealed. The file is open only during {@link #step}. One thread.
 */
public final class SegmentCheck {
  private final Storage storage;
  private final Path file;
  private final long baseOffset;
  private final boolean gaps;
  private final Optional<SegmentSummary> sealed;
  private final LogCrc crc = new LogCrc(0);
  private long size = -1;
  private int position;
  private long end;
  private int epoch = -1;
  private long batches;
  private long firstCrc = SegmentMarks.UNKNOWN;
  private boolean done;
  private Problem problem;
  private ContentLook content;

  /**
   * A check that stands before the first byte.
   *
   * @param baseOffset of the segment
   * @param sealed what is known of it; empty for the one that is written
   * @param gaps whether offsets may be missing between batches
   */
  public SegmentCheck(
      Storage storage, Path file, long baseOffset, Optional<SegmentSummary> sealed, boolean gaps) {
    this.storage = storage;
    this.file = file;
    this.sealed = sealed;
    this.gaps = gaps;
    this.baseOffset = baseOffset;
    this.end = baseOffset;
  }

  /** Lets the records of each sound batch be read, too. */
  void look(ContentLook look) {
    content = look;
  }

  /**
   * Checks on, for about {@code maxBytes} or to the end.
   *
   * @return bytes checked now
   * @throws java.nio.file.NoSuchFileException when there is no such file
   */
  public long step(long maxBytes) throws IOException {
    int from = position;
    try (StorageFile log = storage.open(file, Storage.OpenMode.READ)) {
      if (size < 0) {
        size = log.size();
      }
      int limit = (int) Math.min(size, Integer.MAX_VALUE);
      SegmentScanner scan = new SegmentScanner(log, position, limit, SegmentScanner.Depth.WHOLE);
      while (position - from < maxBytes && problem == null && scan.next()) {
        take(scan);
      }
      if (problem == null && scan.problem() != null) {
        problem = new Problem(file, scan.position(), scan.problem());
      }
      if (problem == null && position == limit) {
        finish();
      }
    }
    done |= problem != null;
    return position - (long) from;
  }

  private void take(SegmentScanner scan) {
    BatchView batch = scan.batch();
    long base = batch.baseOffset();
    if (base < end || (base > end && !gaps)) {
      damaged(scan, "the batch at offset " + base + " where " + end + " is due");
    } else if (batch.leaderEpoch() < epoch) {
      damaged(scan, "a batch of epoch " + batch.leaderEpoch() + " after " + epoch);
    } else if (!batch.crcMatches()) {
      damaged(scan, "the batch at offset " + base + " fails its CRC");
    } else {
      scan.addTo(crc);
      if (content != null) {
        content.read(batch, file, scan.position());
      }
      firstCrc = position == 0 ? batch.crc() : firstCrc;
      epoch = batch.leaderEpoch();
      end = batch.nextOffset();
      position = scan.nextPosition();
      batches++;
    }
  }

  private void damaged(SegmentScanner scan, String what) {
    problem = new Problem(file, scan.position(), what);
  }

  private void finish() {
    done = true;
    if (sealed.isEmpty()) {
      return;
    }
    SegmentSummary known = sealed.get();
    if (size != known.sizeInBytes()) {
      problem =
          new Problem(
              file,
              Math.min(size, known.sizeInBytes()),
              "it has " + size + " bytes, sealed were " + known.sizeInBytes());
    } else if (gaps ? end > known.endOffset() : end != known.endOffset()) {
      problem =
          new Problem(file, size, "it ends at offset " + end + ", sealed was " + known.endOffset());
    } else if (known.logCrc() != LogCrc.UNKNOWN && crc.value() != known.logCrc()) {
      problem =
          Problem.of(
              file,
              "it is another file than the one sealed"
                  + FileOwners.ofSegment(storage, file.getParent(), baseOffset, firstCrc)
                      .map(owner -> ", it holds what was written for " + owner)
                      .orElse("")
                  + ": its CRC differs");
    }
  }

  /** Whether the end was reached, or a problem found. */
  public boolean isDone() {
    return done;
  }

  /** What is wrong, if anything so far. */
  public Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  /** Exclusive end of the sound batches so far. */
  public long endOffset() {
    return end;
  }

  /** Leader epoch of the last sound batch; -1 before the first. */
  public int lastEpoch() {
    return epoch;
  }

  /** CRC32C of the sound bytes so far, unsigned. */
  public long crc() {
    return crc.value();
  }

  /** Sound batches so far. */
  public long batches() {
    return batches;
  }

  /** Bytes of the sound batches so far. */
  public long bytes() {
    return position;
  }
}
