package io.highwater.client.fake;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.ProducerSequence;
import io.highwater.proto.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;

/** One partition's log as a list of batches, with the sequence rules IDM-1, IDM-2 and IDM-4. */
final class FakePartition {
  private static final int REMEMBERED_BATCHES = 5;

  int leader;
  int epoch;
  String leaderlessReason = "";
  long logStart;
  long end;
  final List<ByteBuffer> batches = new ArrayList<>();
  final Map<Long, ArrayDeque<Seen>> producers = new HashMap<>();

  record Seen(short epoch, int firstSequence, int lastSequence, long baseOffset) {}

  record Appended(ErrorCode error, long baseOffset, boolean duplicate) {}

  FakePartition(int leader) {
    this.leader = leader;
  }

  Appended append(ByteBuffer records) {
    byte[] copy = new byte[records.remaining()];
    records.duplicate().get(copy);
    UnsafeBuffer buffer = new UnsafeBuffer(copy);
    BatchView view = new BatchView().wrap(buffer, 0);
    if (view.sizeInBytes() != copy.length || !view.crcMatches()) {
      return new Appended(ErrorCode.CORRUPT_MESSAGE, -1, false);
    }
    if (view.hasProducerId()) {
      ArrayDeque<Seen> seen =
          producers.computeIfAbsent(view.producerId(), id -> new ArrayDeque<>());
      for (Seen old : seen) {
        if (old.epoch() == view.producerEpoch()
            && old.firstSequence() == view.baseSequence()
            && old.lastSequence() == view.lastSequence()) {
          return new Appended(ErrorCode.NONE, old.baseOffset(), true);
        }
      }
      Seen last = seen.peekLast();
      if (last != null && view.producerEpoch() < last.epoch()) {
        return new Appended(ErrorCode.INVALID_PRODUCER_EPOCH, -1, false);
      }
      boolean newEpoch = last == null || view.producerEpoch() > last.epoch();
      int expected = newEpoch ? 0 : ProducerSequence.plus(last.lastSequence(), 1);
      if (view.baseSequence() != expected) {
        return new Appended(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1, false);
      }
      seen.addLast(new Seen(view.producerEpoch(), expected, view.lastSequence(), end));
      if (seen.size() > REMEMBERED_BATCHES) {
        seen.removeFirst();
      }
    }
    long baseOffset = end;
    BatchStamper.stamp(buffer, 0, baseOffset, epoch);
    batches.add(ByteBuffer.wrap(copy));
    end = view.nextOffset();
    return new Appended(ErrorCode.NONE, baseOffset, false);
  }

  /** The batch that holds an offset, or null. */
  ByteBuffer batchAt(long offset) {
    for (ByteBuffer batch : batches) {
      if (nextOffset(batch) > offset) {
        return batch.duplicate();
      }
    }
    return null;
  }

  static long nextOffset(ByteBuffer batch) {
    return new BatchView().wrap(new UnsafeBuffer(batch), 0).nextOffset();
  }

  long offsetAtOrAfter(long timestamp) {
    try (RecordCursor cursor = new RecordCursor()) {
      for (ByteBuffer batch : batches) {
        cursor.wrap(new UnsafeBuffer(batch), 0);
        while (cursor.next()) {
          if (cursor.timestamp() >= timestamp) {
            return cursor.offset();
          }
        }
      }
    }
    return -1;
  }

  List<byte[]> values() {
    List<byte[]> values = new ArrayList<>();
    try (RecordCursor cursor = new RecordCursor()) {
      for (ByteBuffer batch : batches) {
        cursor.wrap(new UnsafeBuffer(batch), 0);
        while (cursor.next()) {
          values.add(cursor.value());
        }
      }
    }
    return values;
  }
}
