package io.highwater.log.compact;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Walks the batches of segments that are being cleaned; none is handed on that its CRC, its
 * neighbours and the segment's bounds do not bear out (STO-10). A fault is that of this log alone
 * (CMP-5). One thread.
 */
final class SourceBatches {
  /** What a walk does with a batch. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Takes a sound batch.
     *
     * @param batch valid until the return
     * @param isLast whether it is the last of its segment
     * @return whether the walk goes on
     */
    boolean visit(BatchView batch, boolean isLast) throws IOException;
  }

  /** Thrown where the log was closed, or cut, during a run: the run has no effect from there on. */
  static final class Overtaken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Overtaken() {
      super("the log changed", null, false, false);
    }
  }

  private final LogContext context;
  private final LogView view;
  private final BooleanSupplier stopped;
  private final IoThrottle throttle;

  /**
   * Walks segments of one log.
   *
   * @param stopped whether to give up
   */
  SourceBatches(LogContext context, LogView view, BooleanSupplier stopped, IoThrottle throttle) {
    this.context = context;
    this.view = view;
    this.stopped = stopped;
    this.throttle = throttle;
  }

  /**
   * Walks one segment.
   *
   * @return whether the visitor let it come to its end
   * @throws HighwaterException KAFKA_STORAGE_ERROR when the segment is damaged or does not read
   * @throws IOException of the visitor
   */
  boolean walk(Segment segment, SegmentSummary summary, Visitor visitor) throws IOException {
    SegmentData data = open(segment);
    try {
      int size = (int) summary.sizeInBytes();
      SegmentScanner scan = new SegmentScanner(data.log(), 0, size, SegmentScanner.Depth.WHOLE);
      long end = summary.baseOffset();
      while (next(segment, scan)) {
        if (stopped.getAsBoolean()) {
          throw new Overtaken();
        }
        BatchView batch = scan.batch();
        if (batch.baseOffset() < end || batch.nextOffset() > summary.endOffset()) {
          throw damaged(segment, scan.position(), "offset " + batch.baseOffset() + " is not due");
        }
        if (!batch.crcMatches()) {
          throw damaged(segment, scan.position(), "a batch fails its CRC");
        }
        end = batch.nextOffset();
        throttle.spent(batch.sizeInBytes());
        if (!visitor.visit(batch, scan.nextPosition() == size)) {
          return false;
        }
      }
      if (scan.problem() != null) {
        throw damaged(segment, scan.position(), scan.problem());
      }
      return true;
    } finally {
      data.release();
    }
  }

  private SegmentData open(Segment segment) {
    try {
      return segment.acquire();
    } catch (IOException e) {
      throw unreadable(segment, e);
    }
  }

  private boolean next(Segment segment, SegmentScanner scan) {
    try {
      return scan.next();
    } catch (IOException e) {
      throw unreadable(segment, e);
    }
  }

  private RuntimeException unreadable(Segment segment, IOException e) {
    if (stopped.getAsBoolean() || segment.state() == Segment.State.DELETED) {
      return new Overtaken();
    }
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "cleaning segment "
            + segment.baseOffset()
            + " of "
            + context.partition()
            + ": "
            + FaultText.of(e),
        e);
  }

  private RuntimeException damaged(Segment segment, int position, String what) {
    if (stopped.getAsBoolean() || segment.state() == Segment.State.DELETED) {
      return new Overtaken();
    }
    HighwaterException damage = context.damaged(segment, position, what);
    view.damaged(damage.getMessage());
    return damage;
  }
}
