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
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads whole batches by offset: a look-up in memory, then one or two reads from the file. Any
 * thread, no locks; a read that a cut overtook starts over.
 */
public final class LogReader {
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
      Segment segment = view.segments().floor(offset);
      try {
        ReadResult result = readFrom(segment, offset, ceiling, into);
        if (cuts == view.cuts()) {
          return result;
        }
      } catch (IOException e) {
        if (cuts == view.cuts() && segment.state() != Segment.State.DELETED) {
          throw failed(segment, e);
        }
      } catch (HighwaterException e) {
        // The log start may have moved in between: then it is out of range now, not damaged.
        if (cuts == view.cuts() && offset >= view.offsets().start()) {
          view.damaged(e.getMessage());
          throw e;
        }
      }
    }
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

  private ReadResult readFrom(Segment segment, long offset, long ceiling, ByteBuffer into)
      throws IOException {
    SegmentData data = segment.acquire();
    try {
      Filling filling = new Filling(segment, data, into);
      PositionHint hint = segment.lookup(data, offset);
      if (!filling.startAt(offset, hint)
          && (hint.position() == 0 || !filling.startAt(offset, segment.fromStart()))) {
        // STO-5: the hint may be wrong, the way from the segment's start is not.
        throw damaged(segment, filling.position, "no batch holds offset " + offset);
      }
      return filling.takeWhole(offset, ceiling);
    } finally {
      data.release();
    }
  }

  private HighwaterException failed(Segment segment, IOException e) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        "reading segment " + segment.baseOffset() + " of " + context.partition() + ": " + e,
        e);
  }

  /** STO-10: named, and never a byte of it served. */
  private HighwaterException damaged(Segment segment, int position, String what) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        context.partition()
            + " is damaged in segment "
            + segment.baseOffset()
            + " at position "
            + position
            + ": "
            + what);
  }

  /** The caller's buffer, being filled from one segment. */
  private final class Filling {
    private final Segment segment;
    private final SegmentData data;
    private final ByteBuffer into;
    private final int origin;
    private final int fileSize;
    private final UnsafeBuffer bytes;
    private final BatchView batch = new BatchView();
    private int position;
    private int loaded;

    Filling(Segment segment, SegmentData data, ByteBuffer into) {
      this.segment = segment;
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
      if (!frames(0) || !hint.matches(batch)) {
        return false;
      }
      int at = 0;
      long expected = batch.baseOffset();
      while (frames(at) && batch.baseOffset() == expected && expected <= offset) {
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
      return false;
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
            throw damaged(segment, position, problem);
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
        if (!batch.crcMatches()) {
          if (taken == 0) {
            throw damaged(segment, position, "the batch at offset " + end + " fails its CRC");
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
        return ReadResult.nothingAt(offset);
      }
      into.position(origin + taken);
      segment.rememberPosition(end, position + taken);
      return new ReadResult(taken, first, end, first, 0);
    }

    /** The caller allocates what it is told: more than a batch may have, only on the CRC's word. */
    private void requireBelievable() throws IOException {
      if (batch.sizeInBytes() > context.config().maxBatchBytes()
          && !BatchInFile.crcMatches(data.log(), position, batch)) {
        throw damaged(
            segment, position, "a batch of " + batch.sizeInBytes() + " bytes fails its CRC");
      }
    }

    /** STO-4: what the CRC does not cover is held against the neighbours and the epoch history. */
    private String problemAt(int at, long expected, EpochHistory epochs) {
      if (!frames(at)) {
        return "no batch begins there";
      }
      if (batch.baseOffset() != expected) {
        return "offset " + batch.baseOffset() + " where " + expected + " is due";
      }
      int epoch = epochs.epochAt(expected);
      return epoch == EpochEnd.NONE || epoch == batch.leaderEpoch()
          ? null
          : "epoch " + batch.leaderEpoch() + " where " + epoch + " is due";
    }
  }
}
