package io.highwater.peers.chronicle;

import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.wire.DocumentContext;

/** Appends one excerpt for each record. */
final class ChronicleSink implements RecordSink {
  private final ChronicleQueue queue;
  private final ExcerptAppender appender;

  ChronicleSink(ChronicleQueue queue) {
    this.queue = queue;
    this.appender = queue.createAppender();
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    try (DocumentContext document = appender.writingDocument()) {
      document.wire().bytes().write(payload);
    }
    completion.completed(token, null);
  }

  @Override
  public void flush() {
    // An excerpt is there when its document is closed.
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
  }
}
