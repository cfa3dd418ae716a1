package io.highwater.perf.embedded;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;

/**
 * Our log store, one partition of it, in batches of {@value #RECORDS_PER_BATCH} records. The
 * bootstrap is a directory; one sink or source holds it at a time. Nothing is flushed before the
 * end.
 */
public final class LogStoreTarget implements LoadTarget {
  private static final int RECORDS_PER_BATCH = 100;
  private static final int NODE_ID = 0;
  private static final UUID ID = new UUID(0, 1);
  private static final EpochClock CLOCK = SystemEpochClock.INSTANCE;

  private final int recordsPerBatch;

  /** Batches of many records. */
  public LogStoreTarget() {
    this(RECORDS_PER_BATCH);
  }

  LogStoreTarget(int recordsPerBatch) {
    this.recordsPerBatch = recordsPerBatch;
  }

  @Override
  public RecordSink sink(SinkConfig config) {
    LogDirectory directory = open(config.bootstrap());
    return new LogStoreSink(
        directory,
        logOf(directory, config.topic()),
        Codec.valueOf(config.codec().toUpperCase(Locale.ROOT)),
        recordsPerBatch,
        CLOCK);
  }

  @Override
  public RecordSource source(SourceConfig config) {
    LogDirectory directory = open(config.bootstrap());
    PartitionLog log = logOf(directory, config.topic());
    return new LogStoreSource(
        directory, log, config.fromBeginning() ? log.logStartOffset() : log.logEndOffset());
  }

  @Override
  public void close() {
    // Sinks and sources hold what there is to hold.
  }

  private static LogDirectory open(String bootstrap) {
    return LogDirectory.open(Path.of(bootstrap), new FileStorage(), CLOCK, NODE_ID, () -> ID);
  }

  private static PartitionLog logOf(LogDirectory directory, String topic) {
    return directory.openOrCreate(new TopicPartition(topic, 0), ID, LogConfig.DEFAULT);
  }
}
