package io.highwater.server.grpc;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.v1.SubscribedRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/** Opens stored batches and cuts their records into messages below gRPC's default limit. */
final class RecordFrames {
  private static final int CHUNK_BYTES = 1 << 20;

  private final UnsafeBuffer buffer = new UnsafeBuffer();
  private final BatchView batch = new BatchView();
  private long sentBytes;
  private long sentRecords;
  private long nextOffset;
  private List<SubscribedRecord> chunk = new ArrayList<>();
  private int chunkBytes;

  /** Bytes of records handed out in all, before compression. */
  long sentBytes() {
    return sentBytes;
  }

  /** Records handed out in all. */
  long sentRecords() {
    return sentRecords;
  }

  /** The first offset of the last batches that was not handed out. */
  long nextOffset() {
    return nextOffset;
  }

  /**
   * Hands out the records from {@code fromOffset} on.
   *
   * @param records whole batches between position and limit, backed by an array
   * @throws HighwaterException when a batch cannot be opened; what comes before it was handed out
   */
  void decode(ByteBuffer records, long fromOffset, Consumer<List<SubscribedRecord>> sink) {
    buffer.wrap(records.array(), records.arrayOffset() + records.position(), records.remaining());
    nextOffset = fromOffset;
    try (RecordCursor cursor = new RecordCursor()) {
      for (int at = 0; at < buffer.capacity(); at += batch.sizeInBytes()) {
        batch.wrap(buffer, at);
        if (!batch.isControl()) {
          open(cursor.wrap(buffer, at), fromOffset, sink);
        }
        nextOffset = batch.nextOffset();
      }
    } finally {
      flush(sink);
    }
  }

  private void open(RecordCursor cursor, long fromOffset, Consumer<List<SubscribedRecord>> sink) {
    while (cursor.next()) {
      if (cursor.offset() < fromOffset) {
        continue;
      }
      if (chunkBytes + cursor.sizeInBytes() > CHUNK_BYTES) {
        flush(sink);
      }
      chunk.add(RecordMessages.subscribed(cursor, batch.leaderEpoch()));
      chunkBytes += cursor.sizeInBytes();
      nextOffset = cursor.offset() + 1;
    }
  }

  private void flush(Consumer<List<SubscribedRecord>> sink) {
    if (!chunk.isEmpty()) {
      sentBytes += chunkBytes;
      sentRecords += chunk.size();
      sink.accept(chunk);
      chunk = new ArrayList<>();
      chunkBytes = 0;
    }
  }
}
