package io.highwater.perf.embedded;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;

/** Our log store, every record a batch of its own. */
public final class SingleAppendTarget implements LoadTarget {
  private final LogStoreTarget log = new LogStoreTarget(1);

  @Override
  public RecordSink sink(SinkConfig config) {
    return log.sink(config);
  }

  @Override
  public RecordSource source(SourceConfig config) {
    return log.source(config);
  }

  @Override
  public void close() {
    log.close();
  }
}
