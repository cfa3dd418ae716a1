package io.highwater.perf.micro;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Opening many logs of one small segment each after a crash, on all processors, as a broker does
 * when it starts. Figures are per opening of them all; 20,000 say what the largest node takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ManyLogsBenchmark {
  private static final UUID ID = new UUID(1, 2);

  @Param("500")
  int partitions;

  private final Storage storage = new FileStorage();
  private Path root;

  @Setup
  public void fill() throws IOException {
    root = Files.createTempDirectory("highwater-micro");
    ByteBuffer batch = SampleBatches.filled(Codec.NONE, 100, 4096);
    try (LogDirectory directory = open()) {
      directory
          .openOrCreate(partition(0), ID, LogConfig.DEFAULT)
          .appendAsLeader(batch, ScratchLog.LEADER_EPOCH);
    }
    // Copies: making each of them as a broker does would wait for the disk a few times.
    Path first = root.resolve(partition(0).toString());
    for (int i = 1; i < partitions; i++) {
      Path copy = Files.createDirectory(root.resolve(partition(i).toString()));
      for (String name : storage.list(first)) {
        Files.copy(first.resolve(name), copy.resolve(name));
      }
    }
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition("scratch", number);
  }

  private LogDirectory open() {
    return LogDirectory.open(root, storage, () -> SampleBatches.BASE_TIMESTAMP_MS, 1, () -> ID);
  }

  @Benchmark
  public long afterCrash() {
    try (LogDirectory directory = open()) {
      return IntStream.range(0, partitions)
          .parallel()
          .mapToLong(
              i -> directory.openOrCreate(partition(i), ID, LogConfig.DEFAULT).logEndOffset())
          .sum();
    }
  }

  @TearDown
  public void remove() throws IOException {
    storage.deleteTree(root);
  }
}
