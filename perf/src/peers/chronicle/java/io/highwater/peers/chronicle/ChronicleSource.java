package io.highwater.peers.chronicle;

import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.RecordVisitor;
import java.time.Duration;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.wire.DocumentContext;

/** Reads one excerpt after the other. */
final class ChronicleSource implements RecordSource {
  private static final int POLL_RECORDS = 1000;

  private final ChronicleQueue queue;
  private final ExcerptTailer tailer;
  private byte[] record = new byte[4096];

  ChronicleSource(ChronicleQueue queue, ExcerptTailer tailer) {
    this.queue = queue;
    this.tailer = tailer;
  }

  /** Does not wait: nobody else appends. */
  @Override
  public int poll(Duration timeout, RecordVisitor visitor) {
    for (int records = 0; records < POLL_RECORDS; records++) {
      try (DocumentContext document = tailer.readingDocument()) {
        if (!document.isPresent()) {
          return records;
        }
        Bytes<?> bytes = document.wire().bytes();
        int length = (int) bytes.readRemaining();
        if (length > record.length) {
          record = new byte[length];
        }
        bytes.read(record, 0, length);
        visitor.record(0, document.index(), record, 0, length);
      }
    }
    return POLL_RECORDS;
  }

  @Override
  public void close() {
    tailer.close();
    queue.close();
  }
}
