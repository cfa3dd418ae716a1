package io.highwater.log.read;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.highwater.log.EpochEnd;
import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.segment.BatchInFile;
import io.highwater.log.segment.PositionHint;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchHeader;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads whole batches by offset: a look-up in memory, then one or two reads from the file. Any
 * thread, no locks; a read that a cut overtook starts over.
 */
public final class LogReader {
  private static final int NOWHERE = -1;

  /** Most batches fit; what was read behind the one that is wanted is of no use. */
  private static final int USUAL_BATCH_BYTES = 16 << 10;

  private final LogContext context;
  private final LogView view;

  /** Reads what {@code view} shows. */
  public LogReader(LogContext context, LogView view) {
    this.context = context;
    this.view = view;
  }

  /** See {@link io.highwater.log.PartitionLog#read}. */
  public ReadResult read(long offset, long ceilingOffset, ByteBuffer into) {
    if (into.remaining() < BatchLayout.HEADER_BYTES) {
      throw new IllegalArgumentException("a buffer of " + into.remaining() + " bytes");
    }
    int start = into.position();
    while (true) {
      into.position(start); // A try that a cut overtook may have left bytes behind it.
      int cuts = view.cuts();
      LogOffsets offsets = view.offsets();
      requireWithin(context, offsets, offset);
      long ceiling = Math.min(ceilingOffset, offsets.end());
      if (offset >= ceiling) {
        return ReadResult.nothingAt(offset);
      }
      SegmentList segments = view.segments();
      Segment segment = segments.floor(offset);
      try {
        ReadResult result = readFrom(segments, offset, ceiling, into);
        if (cuts == view.cuts()) {
          return result;
        }
      } catch (IOException e) {
        if (cuts == view.cuts() && segments == view.segments()) {
          throw failed(segment, e);
        }
      } catch (HighwaterException e) {
        // The log start may have moved in between: then it is out of range now, not damaged.
        if (cuts == view.cuts()
            && segments == view.segments()
            && offset >= view.offsets().start()) {
          view.damaged(e.getMessage());
          throw e;
        }
      }
    }
  }

  /** See {@link io.highwater.log.PartitionLog#headerAt}. */
  public Optional<BatchHeader> headerAt(long offset) {
    ByteBuffer into = ByteBuffer.allocate(USUAL_BATCH_BYTES);
    ReadResult read = read(offset, Long.MAX_VALUE, into);
    if (read.neededBytes() > 0) {
      into = ByteBuffer.allocate(read.neededBytes());
      read = read(offset, Long.MAX_VALUE, into);
    }
    return read.isEmpty() || read.firstBatchBaseOffset() > offset
        ? Optional.empty()
        : Optional.of(BatchHeader.of(Arrays.copyOf(into.array(), BatchLayout.HEADER_BYTES)));
  }

  static void requireWithin(LogContext context, LogOffsets offsets, long offset) {
    if (offset < offsets.start() || offset > offsets.end()) {
      throw new HighwaterException(
          ErrorCode.OFFSET_OUT_OF_RANGE,
          context.partition()
              + " holds offsets "
              + offsets.start()
              + " to "
              + offsets.end()
              + ", not "
              + offset);
    }
  }

  /** What is missing at a segment's end may go on into the next ones. */
  private ReadResult readFrom(SegmentList segments, long offset, long ceiling, ByteBuffer into)
      throws IOException {
    int start = into.position();
    for (int i = segments.floorIndex(offset); i < segments.size(); i++) {
      into.position(start);
      ReadResult result = readFrom(segments.get(i), segments.endOf(i), offset, ceiling, into);
      if (result != null) {
        return result;
      }
    }
    return ReadResult.nothingUpTo(offset, ceiling);
  }

  /** Null when the segment ends in a gap that {@code offset} lies in. */
  private ReadResult readFrom(
      Segment segment, long segmentEnd, long offset, long ceiling, ByteBuffer into)
      throws IOException {
    SegmentData data = segment.acquire();
    try {
      Filling filling = new Filling(segment, segmentEnd, data, into);
      PositionHint hint = segment.lookup(data, offset);
      if (!filling.startAt(offset, hint)
          && (hint.position() == 0 || !filling.startAt(offset, segment.fromStart()))) {
        // STO-5: the hint may be wrong, the way from the segment's start is not.
        if (view.gaps() && filling.atEnd()) {
          return null;
        }
        throw context.damaged(segment, filling.position, "no batch holds offset " + offset);
      }
      return filling.takeWhole(offset, ceiling);
    } finally {
      data.release();
    }
  }

  private HighwaterException failed(Segment segment, IOException e) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "reading segment "
            + segment.baseOffset()
            + " of "
            + context.partition()
            + ": "
            + FaultText.of(e),
        e);
  }

  /** The caller's buffer, being filled from one segment. */
  private final class Filling {
    private final Segment segment;
    private final long segmentEnd;
    private final SegmentData data;
    private final ByteBuffer into;
    private final int origin;
    private final int fileSize;
    private final UnsafeBuffer bytes;
    private final BatchView batch = new BatchView();
    private int position;
    private int loaded;
    private int searchedTo = NOWHERE;

    Filling(Segment segment, long segmentEnd, SegmentData data, ByteBuffer into) {
      this.segment = segment;
      this.segmentEnd = segmentEnd;
      this.data = data;
      this.into = into;
      this.origin = into.position();
      this.fileSize = segment.sizeInBytes();
      this.bytes = new UnsafeBuffer(into, origin, into.limit() - origin);
    }

    /**
     * Loads bytes so that the buffer begins with the batch that holds {@code offset}.
     *
     * @return false when no such batch is found from {@code hint} on
     */
    boolean startAt(long offset, PositionHint hint) throws IOException {
      load(hint.position());
      searchedTo = position == fileSize ? position : NOWHERE;
      if (!frames(0) || !hint.matches(batch, view.gaps())) {
        return false;
      }
      int at = 0;
      long expected = batch.baseOffset();
      while (frames(at) && follows(expected) && (view.gaps() || expected <= offset)) {
        if (batch.lastOffset() >= offset) {
          moveToFront(at);
          return true;
        }
        expected = batch.nextOffset();
        at += batch.sizeInBytes();
        if (at + BatchLayout.HEADER_BYTES > loaded) {
          load(position + at);
          at = 0;
        }
      }
      searchedTo = position + at;
      return false;
    }

    /** Whether the search went through all batches and found none. */
    boolean atEnd() {
      return searchedTo == fileSize;
    }

    private boolean follows(long expected) {
      return view.follows(batch.baseOffset(), expected);
    }

    private void load(int from) throws IOException {
      position = from;
      loaded = 0;
      top();
    }

    /** Loads up to where the index says that a batch begins: of more, a part would be wasted. */
    private void top() throws IOException {
      int room = Math.min(bytes.capacity(), fileSize - position);
      int wholeBatches = data.offsets().floorPosition(position + room) - position;
      loadUpTo(
          room < fileSize - position && wholeBatches >= Math.max(loaded, BatchLayout.HEADER_BYTES)
              ? wholeBatches
              : room);
    }

    private void loadUpTo(int wanted) throws IOException {
      if (loaded < wanted) {
        ByteBuffer rest = into.duplicate().limit(origin + wanted).position(origin + loaded);
        loaded += data.log().readFully(rest, position + loaded);
      }
    }

    /** Whether a batch header stands at {@code at} whose length the segment bears out. */
    private boolean frames(int at) {
      if (at + BatchLayout.HEADER_BYTES > loaded) {
        return false;
      }
      batch.wrap(bytes, at);
      int size = batch.sizeInBytes();
      return batch.magic() == BatchLayout.MAGIC_V2
          && size >= BatchLayout.HEADER_BYTES
          && size <= fileSize - position - at
          && batch.lastOffsetDelta() >= 0;
    }

    private void moveToFront(int at) throws IOException {
      if (at > 0) {
        bytes.putBytes(0, bytes, at, loaded - at);
        position += at;
        loaded -= at;
        top();
      }
    }

    /** Keeps the whole, sound batches below the ceiling; the buffer begins with one. */
    ReadResult takeWhole(long offset, long ceiling) throws IOException {
      EpochHistory epochs = view.epochs();
      int taken = 0;
      long first = bytes.getLong(BatchLayout.BASE_OFFSET, BIG_ENDIAN);
      long end = first;
      while (loaded - taken >= BatchLayout.HEADER_BYTES) {
        String problem = problemAt(taken, end, epochs);
        if (problem != null) {
          if (taken == 0) {
            throw context.damaged(segment, position, problem);
          }
          break;
        }
        if (taken > 0 && batch.nextOffset() > ceiling) {
          break;
        }
        if (taken == 0 && batch.sizeInBytes() > loaded) {
          // STO-5: the index may be wrong, yet what there is room for is read.
          loadUpTo(Math.min(bytes.capacity(), fileSize - position));
        }
        if (taken + batch.sizeInBytes() > loaded) {
          if (taken == 0) {
            requireBelievable();
            return ReadResult.needs(batch.sizeInBytes(), offset);
          }
          break;
        }
        problem = batch.crcMatches() ? null : "the batch at offset " + end + " fails its CRC";
        if (problem == null && view.gaps()) {
          problem = overlap(taken + batch.sizeInBytes(), batch.nextOffset());
        }
        if (problem != null) {
          if (taken == 0) {
            throw context.damaged(segment, position, problem);
          }
          break;
        }
        if (batch.nextOffset() > ceiling) {
          break; // Believed only now: the CRC covers where the batch ends.
        }
        taken += batch.sizeInBytes();
        end = batch.nextOffset();
      }
      if (taken == 0) {
        return ReadResult.nothingUpTo(offset, nothingBelow(offset, first, ceiling));
      }
      into.position(origin + taken);
      remember(end, taken);
      return new ReadResult(taken, first, end, Math.min(first, offset), 0);
    }

    /**
     * What is asked for may lie in a gap before a batch above the ceiling. The log's last batch has
     * no neighbour yet that would show a wrong base offset: nobody is told to go on then.
     */
    private long nothingBelow(long offset, long first, long ceiling) {
      boolean isUnproven =
          segmentEnd == SegmentList.NO_END
              && position + batch.sizeInBytes() == fileSize
              && batch.nextOffset() > view.offsets().end();
      return isUnproven ? offset : Math.max(offset, Math.min(first, ceiling));
    }

    /** Where the next read goes on; where a gap comes next, a look at the batch behind it tells. */
    private void remember(long end, int taken) throws IOException {
      if (!view.gaps()) {
        segment.rememberPosition(end, end, position + taken);
      } else if (position + taken < fileSize) {
        segment.rememberPosition(end, baseAt(taken), position + taken);
      }
    }

    /**
     * STO-4: where gaps may be, a base offset that is too great looks like one. It shows in what
     * comes next, which must not begin below the batch's end.
     */
    private String overlap(int at, long end) throws IOException {
      long next = position + at < fileSize ? baseAt(at) : segmentEnd;
      return end <= next ? null : "a batch ends at offset " + end + ", the next begins at " + next;
    }

    private long baseAt(int at) throws IOException {
      if (at + Long.BYTES <= loaded) {
        return bytes.getLong(at + BatchLayout.BASE_OFFSET, BIG_ENDIAN);
      }
      ByteBuffer base = ByteBuffer.allocate(Long.BYTES);
      data.log().readFully(base, position + at);
      return base.hasRemaining() ? -1 : base.getLong(0);
    }

    /** The caller allocates what it is told: more than a batch may have, only on the CRC's word. */
    private void requireBelievable() throws IOException {
      if (batch.sizeInBytes() > context.config().maxBatchBytes()
          && !BatchInFile.crcMatches(data.log(), position, batch)) {
        throw context.damaged(
            segment, position, "a batch of " + batch.sizeInBytes() + " bytes fails its CRC");
      }
    }

    /** STO-4: what the CRC does not cover is held against the neighbours and the epoch history. */
    private String problemAt(int at, long expected, EpochHistory epochs) {
      if (!frames(at)) {
        return "no batch begins there";
      }
      if (!follows(expected)) {
        return "offset " + batch.baseOffset() + " where " + expected + " is due";
      }
      int epoch = epochs.epochAt(batch.baseOffset());
      return epoch == EpochEnd.NONE || epoch == batch.leaderEpoch()
          ? null
          : "epoch " + batch.leaderEpoch() + " where " + epoch + " is due";
    }
  }
}
