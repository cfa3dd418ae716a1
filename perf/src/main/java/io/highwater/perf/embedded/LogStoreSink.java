package io.highwater.perf.embedded;

import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.util.List;
import org.agrona.concurrent.EpochClock;

/** Encodes batches and appends them. */
final class LogStoreSink implements RecordSink {
  private static final int MAX_BATCH_BYTES = 1 << 20;
  private static final int LEADER_EPOCH = 0;
  private static final long BROKER_EPOCH = 0;

  private final LogDirectory directory;
  private final PartitionLog log;
  private final BatchBuilder batch;
  private final int recordsPerBatch;
  private final EpochClock clock;
  private final OpenSends sends = new OpenSends();

  LogStoreSink(
      LogDirectory directory,
      PartitionLog log,
      Codec codec,
      int recordsPerBatch,
      EpochClock clock) {
    this.directory = directory;
    this.log = log;
    this.batch = new BatchBuilder(codec, MAX_BATCH_BYTES);
    this.recordsPerBatch = recordsPerBatch;
    this.clock = clock;
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    long now = clock.time();
    if (!batch.fits(now, -1, payload.length, List.of())) {
      flush();
    }
    batch.append(now, null, payload, List.of());
    sends.add(token, completion);
    if (batch.recordCount() >= recordsPerBatch) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (batch.isEmpty()) {
      return;
    }
    HighwaterException failure = null;
    try {
      log.advanceHighWatermark(log.appendAsLeader(batch.build(), LEADER_EPOCH).lastOffset() + 1);
    } catch (HighwaterException e) {
      failure = e;
    }
    batch.reset();
    sends.complete(failure);
  }

  @Override
  public void close() {
    flush();
    directory.closeCleanly(BROKER_EPOCH);
  }
}
