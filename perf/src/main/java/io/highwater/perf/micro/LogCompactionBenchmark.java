package io.highwater.perf.micro;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.compact.CompactionReport;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Compacting a log of records of 100 B, keys of 16 B among them, that was never compacted before,
 * by one thread: read from the page cache, written and forced. Figures are per MiB of the log that
 * goes in. {@code distinctPercent} says how many keys there are for 100 records, each drawn by
 * chance.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogCompactionBenchmark {
  private static final int LOG_MIB = 128;
  private static final int KEY_BYTES = 16;
  private static final int VALUE_BYTES = 84;
  private static final long SEED = 20_260_402;
  private static final TopicPartition PARTITION = new TopicPartition("scratch", 0);
  private static final UUID ID = new UUID(1, 2);
  private static final LogConfig CONFIG =
      LogConfig.DEFAULT
          .withSegmentBytes(LOG_MIB << 18)
          .withCompaction(new CompactionConfig(true, 0.5, 0, Long.MAX_VALUE, 0));

  @Param({"16384", "262144"})
  int batchBytes;

  @Param({"10", "100"})
  int distinctPercent;

  private final Storage storage = new FileStorage();
  private final CleanerBuffers buffers =
      new CleanerBuffers(128 << 20, 0.9, 512 << 10, new SplittableRandom(SEED), IoThrottle.NONE);
  private Path template;
  private Path root;
  private LogDirectory directory;
  private PartitionLog log;

  @Setup
  public void fill() throws IOException {
    template = Files.createTempDirectory("highwater-micro");
    int keys = (int) ((long) (LOG_MIB << 20) / (KEY_BYTES + VALUE_BYTES) * distinctPercent / 100);
    SplittableRandom random = new SplittableRandom(SEED);
    byte[][] values = SampleBatches.values(1_000, VALUE_BYTES);
    byte[] key = new byte[KEY_BYTES];
    BatchBuilder builder = new BatchBuilder(Codec.NONE, batchBytes);
    try (LogDirectory empty = open(template)) {
      PartitionLog filled = empty.openOrCreate(PARTITION, ID, CONFIG);
      for (long size = 0; size <= (long) LOG_MIB << 20; ) {
        builder.reset();
        while (builder.fits(SampleBatches.BASE_TIMESTAMP_MS, KEY_BYTES, VALUE_BYTES, List.of())) {
          ByteBuffer.wrap(key).putLong(8, random.nextInt(keys));
          builder.append(
              SampleBatches.BASE_TIMESTAMP_MS,
              key,
              values[random.nextInt(values.length)],
              List.of());
        }
        ByteBuffer batch = builder.build();
        size += batch.remaining();
        filled.appendAsLeader(batch, ScratchLog.LEADER_EPOCH);
      }
      filled.flush();
    }
  }

  private LogDirectory open(Path path) {
    return LogDirectory.open(path, storage, () -> SampleBatches.BASE_TIMESTAMP_MS, 1, () -> ID);
  }

  /** A log of the same files: compaction replaces them and changes none. */
  @Setup(Level.Invocation)
  public void openLinks() throws IOException {
    root = Files.createTempDirectory("highwater-micro");
    Path from = template.resolve(PARTITION.toString());
    Path to = Files.createDirectory(root.resolve(PARTITION.toString()));
    for (String name : storage.list(from)) {
      Files.createLink(to.resolve(name), from.resolve(name));
    }
    directory = open(root);
    log = directory.openOrCreate(PARTITION, ID, CONFIG);
    log.advanceHighWatermark(log.logEndOffset());
  }

  @Benchmark
  @OperationsPerInvocation(LOG_MIB)
  public CompactionReport compact() {
    return log.compaction().run(log.compaction().liveBatches(), buffers).orElseThrow();
  }

  @TearDown(Level.Invocation)
  public void removeLinks() throws IOException {
    directory.close();
    storage.deleteTree(root);
  }

  @TearDown
  public void remove() throws IOException {
    storage.deleteTree(template);
  }
}
