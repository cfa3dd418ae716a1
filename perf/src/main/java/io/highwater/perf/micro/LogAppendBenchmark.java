package io.highwater.perf.micro;

import io.highwater.log.AppendResult;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One batch into the log, page cache included, and what the same bytes cost without a log: a
 * checksum and a write. Figures are per batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LogAppendBenchmark {
  @Param({"100", "1024"})
  int recordBytes;

  @Param({"16384", "65536", "262144"})
  int batchBytes;

  private ScratchLog scratch;
  private ByteBuffer batch;
  private ScratchFile floor;

  @Setup
  public void open() throws IOException {
    scratch = new ScratchLog();
    batch = SampleBatches.filled(Codec.NONE, recordBytes, batchBytes);
    floor = new ScratchFile();
  }

  /** Empties the log now and then; that is not measured. */
  @Setup(Level.Invocation)
  public void next() throws IOException {
    scratch.makeRoom(batch.limit());
    scratch.stampNext(batch.position(0));
    floor.makeRoom(batch.limit());
  }

  @Benchmark
  public AppendResult leader() {
    return scratch.log().appendAsLeader(batch, ScratchLog.LEADER_EPOCH);
  }

  @Benchmark
  public AppendResult follower() {
    return scratch
        .log()
        .appendAsFollower(batch, scratch.log().logEndOffset(), ScratchLog.LEADER_EPOCH);
  }

  /** CRC-32C and one write, from an array as the log gets it. */
  @Benchmark
  public long floor() throws IOException {
    return floor.append(batch);
  }

  @TearDown
  public void close() throws IOException {
    floor.close();
    scratch.close();
  }
}
