package io.highwater.server.grpc;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.v1.SubscribedRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Stored batches whose records are taken out step by step; what a step leaves is where the next
 * begins. One thread at a time.
 */
final class StoredChunk implements AutoCloseable {
  /** A step goes on over no more than this, unless one record is larger. */
  static final int STEP_BYTES = 64 << 10;

  /** What a cursor may hold while it inflates one record, in records of the largest size. */
  private static final int HELD_PER_RECORD = 2;

  private final ByteBuffer records;
  private final UnsafeBuffer buffer;
  private final long fromOffset;
  private final int maxRecordBytes;
  private final boolean isCompressed;
  private final BatchView batch = new BatchView();
  private final RecordCursor cursor = new RecordCursor();

  /** Where the current batch begins. */
  private int position;

  private boolean isOpen;
  private long nextOffset;
  private long heldBytes;

  /** The record that did not fit, or null. */
  private SubscribedRecord pending;

  private int pendingCost;

  /**
   * @param records whole batches, backed by an array, not empty
   * @param fromOffset what comes before is left out
   * @param maxRecordBytes the largest record's message
   */
  StoredChunk(ByteBuffer records, long fromOffset, int maxRecordBytes) {
    this.records = records;
    this.buffer =
        new UnsafeBuffer(
            records.array(), records.arrayOffset() + records.position(), records.remaining());
    this.fromOffset = fromOffset;
    this.nextOffset = fromOffset;
    this.maxRecordBytes = maxRecordBytes;
    this.isCompressed = anyIsCompressed();
    this.heldBytes = records.capacity();
  }

  private boolean anyIsCompressed() {
    for (int at = 0; at < buffer.capacity(); at += batch.sizeInBytes()) {
      batch.wrap(buffer, at);
      if ((batch.attributes() & BatchLayout.CODEC_MASK) != Codec.NONE.id()) {
        return true;
      }
    }
    return false;
  }

  /** What a step may hand out. */
  record Limits(long records, long cost, int frameBytes) {}

  /** Why a step ended. */
  enum Stop {
    /** Nothing is left. */
    DRAINED,
    /** There is more. */
    MORE,
    /** The next record is more than the credit or the frame: see {@link #pendingCost}. */
    FULL,
    /** What stands there cannot be read; the next step goes on behind it. */
    UNREADABLE
  }

  /**
   * What a step brought.
   *
   * @param records to be handed out, first of all
   * @param cost of these records
   * @param unreadableTo for UNREADABLE: the first offset behind what cannot be read, which begins
   *     at {@code unreadableFrom}
   * @param failure for UNREADABLE: why
   */
  record Step(
      List<SubscribedRecord> records,
      long cost,
      Stop stop,
      long unreadableFrom,
      long unreadableTo,
      HighwaterException failure) {}

  /** The buffer that holds the batches. */
  ByteBuffer records() {
    return records;
  }

  /** Whether steps may have to inflate. */
  boolean isCompressed() {
    return isCompressed;
  }

  /** The first offset that was not handed out. */
  long nextOffset() {
    return nextOffset;
  }

  /** Memory held between steps. */
  long heldBytes() {
    return heldBytes + pendingBytes();
  }

  /** What the next record costs, where a step found it too large; else 1. */
  int pendingCost() {
    return pending == null ? 1 : pendingCost;
  }

  /** The next record's bytes as a message, where a step found it too large; else 0. */
  int pendingBytes() {
    return pending == null ? 0 : pending.getSerializedSize();
  }

  /** Takes out what the limits allow, at most about {@link #STEP_BYTES}. */
  Step step(Limits limits) {
    List<SubscribedRecord> taken = new ArrayList<>();
    long cost = 0;
    int frameBytes = 0;
    int workedBytes = 0;
    try {
      while (workedBytes < STEP_BYTES) {
        if (pending == null) {
          if (!isOpen && !openNext()) {
            return new Step(taken, cost, Stop.DRAINED, 0, 0, null);
          }
          RecordCursor.Step found = cursor.step(STEP_BYTES);
          heldBytes = Math.max(heldBytes, records.capacity() + cursor.heldBytes());
          if (found == RecordCursor.Step.END) {
            closeBatch();
            continue;
          }
          if (found == RecordCursor.Step.PAUSED) {
            requireRoom();
            break;
          }
          workedBytes += cursor.sizeInBytes();
          if (cursor.offset() < fromOffset) {
            continue;
          }
          if (cursor.sizeInBytes() > maxRecordBytes) {
            return tooLarge(taken, cost);
          }
          setPending();
        }
        boolean fits =
            taken.size() < limits.records()
                && cost + pendingCost <= limits.cost()
                && frameBytes + pendingBytes() <= limits.frameBytes();
        if (!fits) {
          return new Step(taken, cost, Stop.FULL, 0, 0, null);
        }
        taken.add(pending);
        cost += pendingCost;
        frameBytes += pendingBytes();
        nextOffset = pending.getOffset() + 1;
        pending = null;
      }
      return new Step(taken, cost, Stop.MORE, 0, 0, null);
    } catch (HighwaterException e) {
      long from = nextOffset;
      closeBatch();
      return new Step(taken, cost, Stop.UNREADABLE, from, nextOffset, e);
    }
  }

  /** One record is passed over, unlike when the batch cannot be read. */
  private Step tooLarge(List<SubscribedRecord> taken, long cost) {
    long from = nextOffset;
    nextOffset = cursor.offset() + 1;
    HighwaterException failure =
        new HighwaterException(
            ErrorCode.MESSAGE_TOO_LARGE,
            "a record of "
                + cursor.sizeInBytes()
                + " bytes, more than the "
                + maxRecordBytes
                + " that a subscription may carry; a fetch stream brings it");
    return new Step(taken, cost, Stop.UNREADABLE, from, nextOffset, failure);
  }

  /** Of a record that is still being inflated, only its end will tell the size. */
  private void requireRoom() {
    if (cursor.heldBytes() > (long) HELD_PER_RECORD * maxRecordBytes) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "a record has more than the "
              + maxRecordBytes
              + " bytes that a subscription may carry; a fetch stream brings it");
    }
  }

  private boolean openNext() {
    while (position < buffer.capacity()) {
      batch.wrap(buffer, position);
      isOpen = true;
      if (!batch.isControl()) {
        cursor.wrap(buffer, position);
        return true;
      }
      closeBatch();
    }
    return false;
  }

  private void closeBatch() {
    isOpen = false;
    cursor.close();
    position += batch.sizeInBytes();
    nextOffset = Math.max(nextOffset, batch.nextOffset());
  }

  private void setPending() {
    pending = RecordMessages.subscribed(cursor, batch.leaderEpoch());
    pendingCost = SubscribeCredit.cost(pending.getRecord());
  }

  /** Frees what a codec holds. */
  @Override
  public void close() {
    cursor.close();
  }
}
