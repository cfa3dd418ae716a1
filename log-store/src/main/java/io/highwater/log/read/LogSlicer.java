package io.highwater.log.read;

import io.highwater.log.EpochEnd;
import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.segment.PositionHint;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds the region of a segment's file that holds a range of offsets, and checks it batch by batch.
 * Any thread, no locks.
 */
public final class LogSlicer {
  private final LogContext context;
  private final LogView view;

  /** Slices what {@code view} shows. */
  public LogSlicer(LogContext context, LogView view) {
    this.context = context;
    this.view = view;
  }

  /** See {@link io.highwater.log.PartitionLog#slice}. */
  public Optional<LogSlice> slice(long offset, long ceilingOffset, int maxBytes) {
    while (true) {
      int cuts = view.cuts();
      LogOffsets offsets = view.offsets();
      LogReader.requireWithin(context, offsets, offset);
      long ceiling = Math.min(ceilingOffset, offsets.end());
      if (offset >= ceiling) {
        return Optional.empty();
      }
      SegmentList segments = view.segments();
      try {
        Optional<LogSlice> slice = slice(segments, offset, ceiling, maxBytes, cuts);
        if (cuts == view.cuts()) {
          return slice;
        }
        slice.ifPresent(LogSlice::close);
      } catch (IOException e) {
        if (cuts == view.cuts() && segments == view.segments()) {
          throw new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              "slicing " + context.partition() + ": " + FaultText.of(e),
              e);
        }
      } catch (HighwaterException e) {
        if (cuts == view.cuts()
            && segments == view.segments()
            && offset >= view.offsets().start()) {
          view.damaged(e.getMessage());
          throw e;
        }
      }
    }
  }

  /** What is missing at a segment's end may go on into the next ones. */
  private Optional<LogSlice> slice(
      SegmentList segments, long offset, long ceiling, int maxBytes, int cuts) throws IOException {
    for (int i = segments.floorIndex(offset); i < segments.size(); i++) {
      Optional<LogSlice> slice =
          slice(segments.get(i), segments.endOf(i), offset, ceiling, maxBytes, cuts);
      if (slice != null) {
        return slice;
      }
    }
    return Optional.empty();
  }

  /** Null when the segment ends in a gap that {@code offset} lies in. */
  private Optional<LogSlice> slice(
      Segment segment, long segmentEnd, long offset, long ceiling, int maxBytes, int cuts)
      throws IOException {
    SegmentData data = segment.acquire();
    boolean kept = false;
    try {
      Region region = new Region(segment, segmentEnd, data, ceiling, maxBytes);
      PositionHint hint = segment.lookup(data, offset);
      if (!region.find(offset, hint)
          && (hint.position() == 0 || !region.find(offset, segment.fromStart()))) {
        // STO-5: the hint may be wrong, the way from the segment's start is not.
        if (view.gaps() && region.searchedAll) {
          return null;
        }
        throw context.damaged(segment, hint.position(), "no batch holds offset " + offset);
      }
      region.extend();
      kept = region.end > region.start;
      return kept
          ? Optional.of(
              new LogSlice(
                  view,
                  region.endOffset <= view.offsets().highWatermark() ? LogSlice.COMMITTED : cuts,
                  data,
                  region.start,
                  region.end - region.start,
                  region.baseOffset,
                  region.endOffset))
          : Optional.empty();
    } finally {
      if (!kept) {
        data.release();
      }
    }
  }

  /** The region, as far as it has been found. */
  private final class Region {
    private final Segment segment;
    private final long segmentEnd;
    private final SegmentData data;
    private final long ceiling;
    private final int maxBytes;
    private final EpochHistory epochs = view.epochs();
    private int start;
    private int end;
    private long baseOffset;
    private long endOffset;
    private boolean searchedAll;

    Region(Segment segment, long segmentEnd, SegmentData data, long ceiling, int maxBytes) {
      this.segment = segment;
      this.segmentEnd = segmentEnd;
      this.data = data;
      this.ceiling = ceiling;
      this.maxBytes = maxBytes;
    }

    /** Goes to the batch that holds {@code offset}; false when it is not found from the hint on. */
    boolean find(long offset, PositionHint hint) throws IOException {
      SegmentScanner scan = scanFrom(hint.position(), SegmentScanner.Depth.HEADERS);
      long expected = PositionHint.UNKNOWN;
      while (scan.next()) {
        BatchView batch = scan.batch();
        boolean due =
            expected == PositionHint.UNKNOWN
                ? hint.matches(batch, view.gaps())
                : view.follows(batch.baseOffset(), expected);
        if (!due || (batch.baseOffset() > offset && !view.gaps())) {
          return false;
        }
        if (batch.lastOffset() >= offset) {
          start = scan.position();
          end = start;
          baseOffset = batch.baseOffset();
          return true;
        }
        expected = batch.nextOffset();
      }
      searchedAll = scan.problem() == null;
      return false;
    }

    /**
     * Takes in whole, sound batches below the ceiling: one, and more while there is room. Each is
     * held against the one behind it (STO-4): where gaps may be, that alone shows a base offset
     * that is too great.
     */
    void extend() throws IOException {
      SegmentScanner scan = scanFrom(start, SegmentScanner.Depth.WHOLE);
      int lastStart = start;
      long previousEnd = baseOffset;
      endOffset = baseOffset;
      while (scan.next()) {
        BatchView batch = scan.batch();
        boolean first = end == start;
        if (!first && view.gaps() && batch.baseOffset() < endOffset) {
          leaveOut(lastStart, previousEnd);
          return;
        }
        String problem = problemOf(batch);
        if (problem != null && first) {
          throw context.damaged(segment, start, problem);
        }
        // The ceiling is held against sound batches only: the CRC covers where they end.
        if (problem != null
            || batch.nextOffset() > ceiling
            || (!first && scan.nextPosition() - start > maxBytes)) {
          if (first && view.gaps()) {
            requireNext(scan, batch.nextOffset());
          }
          return;
        }
        lastStart = scan.position();
        previousEnd = endOffset;
        end = scan.nextPosition();
        endOffset = batch.nextOffset();
      }
      if (end == start) {
        throw context.damaged(segment, start, String.valueOf(scan.problem()));
      }
      if (view.gaps() && endOffset > segmentEnd) {
        leaveOut(lastStart, previousEnd);
      }
    }

    private void requireNext(SegmentScanner scan, long batchEnd) throws IOException {
      long next = scan.next() ? scan.batch().baseOffset() : segmentEnd;
      if (next < batchEnd) {
        throw context.damaged(
            segment, start, "a batch ends at offset " + batchEnd + ", past the next");
      }
    }

    /** The last batch overlaps what comes next. */
    private void leaveOut(int lastStart, long previousEnd) {
      if (lastStart == start) {
        throw context.damaged(
            segment, start, "a batch ends at offset " + endOffset + ", past the next");
      }
      end = lastStart;
      endOffset = previousEnd;
    }

    /** STO-4, STO-10. */
    private String problemOf(BatchView batch) {
      if (!view.follows(batch.baseOffset(), endOffset)) {
        return "offset " + batch.baseOffset() + " where " + endOffset + " is due";
      }
      int epoch = epochs.epochAt(batch.baseOffset());
      if (epoch != EpochEnd.NONE && epoch != batch.leaderEpoch()) {
        return "epoch " + batch.leaderEpoch() + " where " + epoch + " is due";
      }
      return batch.crcMatches() ? null : "the batch at offset " + endOffset + " fails its CRC";
    }

    private SegmentScanner scanFrom(int position, SegmentScanner.Depth depth) {
      return new SegmentScanner(data.log(), position, segment.sizeInBytes(), depth);
    }
  }
}
