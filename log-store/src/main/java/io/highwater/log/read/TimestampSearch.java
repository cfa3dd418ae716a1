package io.highwater.log.read;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.OffsetAtTimestamp;
import io.highwater.log.segment.PositionHint;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.io.IOException;
import java.util.Optional;

/** Finds the first record at or after a time. Any thread, no locks. */
public final class TimestampSearch {
  private final LogContext context;
  private final LogView view;

  /** Searches what {@code view} shows. */
  public TimestampSearch(LogContext context, LogView view) {
    this.context = context;
    this.view = view;
  }

  /** See {@link io.highwater.log.PartitionLog#offsetForTimestamp}. */
  public Optional<OffsetAtTimestamp> find(long timestamp, long ceilingOffset) {
    while (true) {
      int cuts = view.cuts();
      long start = view.offsets().start();
      SegmentList segments = view.segments();
      try {
        Optional<OffsetAtTimestamp> found = search(segments, timestamp, ceilingOffset);
        if (cuts == view.cuts()) {
          return found;
        }
      } catch (IOException | HighwaterException e) {
        if (cuts == view.cuts() && start == view.offsets().start() && segments == view.segments()) {
          throw e instanceof HighwaterException named
              ? noted(named)
              : new HighwaterException(
                  ErrorCode.KAFKA_STORAGE_ERROR,
                  "searching " + context.partition() + ": " + FaultText.of(e),
                  e);
        }
      }
    }
  }

  /** STO-10. Sound bytes that do not decompress are the producer's doing, not damage. */
  private HighwaterException noted(HighwaterException e) {
    if (e.code() == ErrorCode.KAFKA_STORAGE_ERROR) {
      view.damaged(e.getMessage());
    }
    return e;
  }

  private Optional<OffsetAtTimestamp> search(
      SegmentList segments, long timestamp, long ceilingOffset) throws IOException {
    long start = view.offsets().start();
    long ceiling = Math.min(ceilingOffset, view.offsets().end());
    for (int i = segments.floorIndex(start); i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (segment.baseOffset() >= ceiling) {
        break;
      }
      SegmentData data = segment.acquire();
      try {
        if (data.maxTimestamp() >= timestamp) {
          Optional<OffsetAtTimestamp> found =
              searchSegment(segment, segments.endOf(i), data, timestamp, start, ceiling);
          if (found.isPresent()) {
            return found;
          }
        }
      } finally {
        data.release();
      }
    }
    return Optional.empty();
  }

  private Optional<OffsetAtTimestamp> searchSegment(
      Segment segment, long segmentEnd, SegmentData data, long timestamp, long start, long ceiling)
      throws IOException {
    long from = segment.baseOffset() + data.times().floorRelativeOffset(timestamp);
    PositionHint hint = segment.indexed(data, from);
    SegmentScanner scan =
        new SegmentScanner(
            data.log(), hint.position(), segment.sizeInBytes(), SegmentScanner.Depth.WHOLE);
    try (RecordCursor records = new RecordCursor()) {
      long expected = PositionHint.UNKNOWN;
      while (scan.next()) {
        BatchView batch = scan.batch();
        if (expected == PositionHint.UNKNOWN
            ? !hint.matches(batch, view.gaps())
            : !view.follows(batch.baseOffset(), expected)) {
          throw context.damaged(
              segment, scan.position(), "offset " + batch.baseOffset() + " is not due");
        }
        expected = batch.nextOffset();
        if (batch.nextOffset() > ceiling) {
          requireNext(scan, expected, segment, segmentEnd);
          break;
        }
        if (batch.maxTimestamp() < timestamp || batch.lastOffset() < start) {
          continue;
        }
        if (!batch.crcMatches()) {
          throw context.damaged(segment, scan.position(), "a batch fails its CRC");
        }
        OffsetAtTimestamp found = firstIn(batch, records, timestamp, start);
        if (found != null) {
          requireNext(scan, expected, segment, segmentEnd);
          return Optional.of(found);
        }
      }
    }
    if (scan.problem() != null) {
      throw context.damaged(segment, scan.position(), scan.problem());
    }
    return Optional.empty();
  }

  /** STO-4: where gaps may be, only what comes next shows a base offset that is too great. */
  private void requireNext(SegmentScanner scan, long batchEnd, Segment segment, long segmentEnd)
      throws IOException {
    if (view.gaps()) {
      long next = scan.next() ? scan.batch().baseOffset() : segmentEnd;
      if (next < batchEnd) {
        throw context.damaged(segment, scan.position(), "offset " + next + " is not due");
      }
    }
  }

  private static OffsetAtTimestamp firstIn(
      BatchView batch, RecordCursor records, long timestamp, long start) {
    records.wrap(batch.buffer(), batch.offset());
    while (records.next()) {
      if (records.timestamp() >= timestamp && records.offset() >= start) {
        return new OffsetAtTimestamp(records.timestamp(), records.offset(), batch.leaderEpoch());
      }
    }
    return null;
  }
}
