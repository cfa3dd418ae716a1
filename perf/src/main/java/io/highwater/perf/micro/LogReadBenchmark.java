package io.highwater.perf.micro;

import io.highwater.log.read.ReadResult;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Batches of 16 KiB out of the page cache, checked; figures are per read. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogReadBenchmark {
  private static final int BATCH_BYTES = 16 * 1024;

  @Param({"16384", "1048576"})
  int readBytes;

  private final SplittableRandom random = new SplittableRandom(7);
  private ScratchLog scratch;
  private ByteBuffer into;
  private long nextOffset;

  @Setup
  public void open() throws IOException {
    scratch = new ScratchLog();
    scratch.fill(
        SampleBatches.filled(Codec.NONE, 100, BATCH_BYTES), (int) ScratchLog.MAX_BYTES / 2);
    into = ByteBuffer.allocate(readBytes);
  }

  /** A reader that goes on where it ended. */
  @Benchmark
  public ReadResult sequential() {
    long end = scratch.log().highWatermark();
    if (nextOffset >= end) {
      nextOffset = 0;
    }
    ReadResult result = scratch.log().read(nextOffset, end, into.clear());
    nextOffset = result.endOffset();
    return result;
  }

  /** A reader that begins anywhere. */
  @Benchmark
  public ReadResult random() {
    long end = scratch.log().highWatermark();
    return scratch.log().read(random.nextLong(end), end, into.clear());
  }

  @TearDown
  public void close() throws IOException {
    scratch.close();
  }
}
