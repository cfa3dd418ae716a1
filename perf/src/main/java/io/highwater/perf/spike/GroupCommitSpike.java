package io.highwater.perf.spike;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.flush.GroupCommit;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.SystemEpochClock;

/**
 * What sharing a flush is worth: appends of 1 KiB, each acknowledged when it is on the disk, by one
 * appender that flushes after every append, and by 64 whose flushes go together. Prints a line for
 * each, after a round of each that does not count. Arguments: the directory to write in, on the
 * disk that is meant; how many files of a group are flushed side by side (default {@link
 * GroupCommit#MAX_PARALLEL}).
 */
public final class GroupCommitSpike {
  private static final int APPENDERS = 64;
  private static final int VALUE_BYTES = 900;
  private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(2);
  private static final long ROUND_NS = TimeUnit.SECONDS.toNanos(4);
  private static final int[] PARTITIONS = {1, 6, 64};

  private GroupCommitSpike() {}

  /** Runs all rounds. */
  public static void main(String[] args) throws IOException, InterruptedException {
    PrintStream out = System.out;
    Path parent = Path.of(args.length == 0 ? "." : args[0]);
    int parallel = args.length < 2 ? GroupCommit.MAX_PARALLEL : Integer.parseInt(args[1]);
    oneByOne(parent, WARM_UP_NS);
    for (int partitions : PARTITIONS) {
      together(parent, partitions, parallel, WARM_UP_NS);
    }
    out.println("way | acknowledged appends/s | p50 us | p99 us");
    print(out, "one fdatasync after another", oneByOne(parent, ROUND_NS));
    for (int partitions : PARTITIONS) {
      print(
          out,
          "64 appenders, " + partitions + " partitions, group",
          together(parent, partitions, parallel, ROUND_NS));
    }
    print(out, "one fdatasync after another", oneByOne(parent, ROUND_NS));
  }

  private static void print(PrintStream out, String way, Histogram latencies) {
    out.printf(
        "%s | %.0f | %.0f | %.0f%n",
        way,
        latencies.getTotalCount() / (ROUND_NS / 1e9),
        latencies.getValueAtPercentile(50) / 1e3,
        latencies.getValueAtPercentile(99) / 1e3);
  }

  private static ByteBuffer batch() {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 20);
    builder.append(SystemEpochClock.INSTANCE.time(), null, new byte[VALUE_BYTES], List.of());
    return builder.build();
  }

  private static LogDirectory open(Path root) {
    UUID id = new UUID(1, 2);
    return LogDirectory.open(root, new FileStorage(), SystemEpochClock.INSTANCE, 1, () -> id);
  }

  private static PartitionLog log(LogDirectory directory, int partition) {
    return directory.openOrCreate(
        new TopicPartition("spike", partition), new UUID(1, 2), LogConfig.DEFAULT);
  }

  private static Histogram oneByOne(Path parent, long roundNs) throws IOException {
    Path root = Files.createTempDirectory(parent, "group-commit");
    Histogram latencies = new Histogram(3);
    try (LogDirectory directory = open(root)) {
      PartitionLog log = log(directory, 0);
      ByteBuffer batch = batch();
      long endNs = System.nanoTime() + roundNs;
      for (long now = System.nanoTime(); now < endNs; ) {
        log.appendAsLeader(batch.position(0), 0);
        log.flush();
        long done = System.nanoTime();
        latencies.recordValue(done - now);
        now = done;
      }
    } finally {
      new FileStorage().deleteTree(root);
    }
    return latencies;
  }

  private static Histogram together(Path parent, int partitions, int parallel, long roundNs)
      throws IOException, InterruptedException {
    Path root = Files.createTempDirectory(parent, "group-commit");
    ExecutorService owner = Executors.newSingleThreadExecutor();
    ExecutorService io = Executors.newFixedThreadPool(parallel);
    Histogram latencies = new Histogram(3);
    try (LogDirectory directory = open(root)) {
      GroupCommit group = new GroupCommit(owner, io);
      CountDownLatch stopped = new CountDownLatch(APPENDERS);
      long endNs = System.nanoTime() + roundNs;
      List<Partition> logs = new ArrayList<>();
      for (int i = 0; i < partitions; i++) {
        logs.add(new Partition(log(directory, i), group, latencies, endNs, stopped));
      }
      owner.execute(
          () -> {
            for (int i = 0; i < APPENDERS; i++) {
              logs.get(i % partitions).append();
            }
          });
      stopped.await();
    } finally {
      owner.shutdown();
      io.shutdown();
      new FileStorage().deleteTree(root);
    }
    return latencies;
  }

  /** One log and the appenders that wait for it; each appends again when it was acknowledged. */
  private static final class Partition extends GroupCommit.Member {
    private final PartitionLog log;
    private final GroupCommit group;
    private final Histogram latencies;
    private final long endNs;
    private final CountDownLatch stopped;
    private final ByteBuffer batch = batch();
    private final ArrayDeque<long[]> waiting = new ArrayDeque<>();

    Partition(
        PartitionLog log,
        GroupCommit group,
        Histogram latencies,
        long endNs,
        CountDownLatch stopped) {
      this.log = log;
      this.group = group;
      this.latencies = latencies;
      this.endNs = endNs;
      this.stopped = stopped;
    }

    void append() {
      long startNs = System.nanoTime();
      if (startNs >= endNs) {
        stopped.countDown();
        return;
      }
      log.appendAsLeader(batch.position(0), 0);
      waiting.addLast(new long[] {log.logEndOffset(), startNs});
      group.request(this);
    }

    @Override
    protected PartitionLog log() {
      return log;
    }

    @Override
    protected void flushed() {
      long flushed = log.flushedOffset();
      int acknowledged = 0;
      while (!waiting.isEmpty() && waiting.peekFirst()[0] <= flushed) {
        latencies.recordValue(System.nanoTime() - waiting.pollFirst()[1]);
        acknowledged++;
      }
      for (int i = 0; i < acknowledged; i++) {
        append();
      }
    }

    @Override
    protected void failed(HighwaterException failure) {
      throw failure;
    }
  }
}
