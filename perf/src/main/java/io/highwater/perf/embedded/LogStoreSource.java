package io.highwater.perf.embedded;

import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.read.ReadResult;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.RecordVisitor;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Reads batches from the log and iterates their records. */
final class LogStoreSource implements RecordSource {
  private static final int READ_BYTES = 1 << 20;

  private final LogDirectory directory;
  private final PartitionLog log;
  private final RecordCursor cursor = new RecordCursor();
  private final BatchView batch = new BatchView();
  private ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES);
  private UnsafeBuffer view = new UnsafeBuffer(bytes.array());
  private long nextOffset;

  LogStoreSource(LogDirectory directory, PartitionLog log, long nextOffset) {
    this.directory = directory;
    this.log = log;
    this.nextOffset = nextOffset;
  }

  /** Does not wait: nobody else appends. */
  @Override
  public int poll(Duration timeout, RecordVisitor visitor) {
    ReadResult read = log.read(nextOffset, log.highWatermark(), bytes.clear());
    if (read.neededBytes() > 0) {
      bytes = ByteBuffer.allocate(read.neededBytes());
      view = new UnsafeBuffer(bytes.array());
      read = log.read(nextOffset, log.highWatermark(), bytes);
    }
    int records = 0;
    for (int at = 0; at < read.bytes(); ) {
      records += visit(at, visitor);
      at += batch.wrap(view, at).sizeInBytes();
    }
    nextOffset = read.endOffset();
    return records;
  }

  private int visit(int at, RecordVisitor visitor) {
    int records = 0;
    cursor.wrap(view, at);
    while (cursor.next()) {
      if (cursor.offset() >= nextOffset) {
        DirectBuffer buffer = cursor.buffer();
        visitor.record(
            0,
            cursor.offset(),
            buffer.byteArray(),
            buffer.wrapAdjustment() + cursor.valueOffset(),
            cursor.valueLength());
        records++;
      }
    }
    return records;
  }

  @Override
  public void close() {
    cursor.close();
    directory.close();
  }
}
