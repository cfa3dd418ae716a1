package io.highwater.perf.micro;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Opening a log of one segment after a crash, out of the page cache: every byte lies past the
 * recovery point and is checked by one thread. Figures are per MiB of log.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogRecoveryBenchmark {
  private static final int LOG_MIB = 256;
  private static final TopicPartition PARTITION = new TopicPartition("scratch", 0);
  private static final UUID ID = new UUID(1, 2);

  @Param({"16384", "262144"})
  int batchBytes;

  private final FileStorage storage = new FileStorage();
  private Path root;

  @Setup
  public void fill() throws IOException {
    root = Files.createTempDirectory("highwater-micro");
    ByteBuffer batch = SampleBatches.filled(Codec.NONE, 100, batchBytes);
    try (LogDirectory directory = open()) {
      PartitionLog log = directory.openOrCreate(PARTITION, ID, LogConfig.DEFAULT);
      for (long size = 0; size < (long) LOG_MIB << 20; size += batch.limit()) {
        log.appendAsLeader(batch.position(0), ScratchLog.LEADER_EPOCH);
      }
    }
  }

  private LogDirectory open() {
    return LogDirectory.open(root, storage, () -> SampleBatches.BASE_TIMESTAMP_MS, 1, () -> ID);
  }

  @Benchmark
  @OperationsPerInvocation(LOG_MIB)
  public long afterCrash() {
    try (LogDirectory directory = open()) {
      return directory.openOrCreate(PARTITION, ID, LogConfig.DEFAULT).recovery().scannedBytes();
    }
  }

  @TearDown
  public void remove() throws IOException {
    storage.deleteTree(root);
  }
}
