package io.highwater.peers.chronicle;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import java.nio.file.Path;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;

/**
 * Chronicle Queue in the client's process, with its default settings; a record is an excerpt of raw
 * bytes. The bootstrap is a directory.
 */
public final class ChronicleTarget implements LoadTarget {
  @Override
  public RecordSink sink(SinkConfig config) {
    return new ChronicleSink(queue(config.bootstrap(), config.topic()));
  }

  @Override
  public RecordSource source(SourceConfig config) {
    ChronicleQueue queue = queue(config.bootstrap(), config.topic());
    ExcerptTailer tailer = queue.createTailer();
    if (config.fromBeginning()) {
      tailer.toStart();
    } else {
      tailer.toEnd();
    }
    return new ChronicleSource(queue, tailer);
  }

  @Override
  public void close() {
    // Sinks and sources hold what there is to hold.
  }

  private static ChronicleQueue queue(String bootstrap, String topic) {
    return ChronicleQueue.singleBuilder(Path.of(bootstrap, topic)).build();
  }
}
