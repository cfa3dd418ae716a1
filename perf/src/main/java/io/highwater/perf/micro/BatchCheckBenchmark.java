package io.highwater.perf.micro;

import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.BatchValidator;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a broker does with a batch's bytes before they are written; figures are per batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchCheckBenchmark {
  @Param({"100", "1024"})
  int recordBytes;

  @Param({"16384", "262144"})
  int batchBytes;

  private final BatchValidator validator = new BatchValidator();
  private UnsafeBuffer batch;
  private long baseOffset;

  @Setup
  public void prepare() {
    ByteBuffer built = SampleBatches.filled(Codec.NONE, recordBytes, batchBytes);
    batch = new UnsafeBuffer(built);
  }

  /** A leader: frame, checksum and every record. */
  @Benchmark
  public void validate() {
    validator.validate(batch, 0, batch.capacity(), batchBytes, false);
  }

  /** A follower: frame and checksum. */
  @Benchmark
  public int validateStored() {
    return validator.validateStored(batch, 0, batch.capacity());
  }

  /** A leader: offset and epoch, which the checksum leaves out. */
  @Benchmark
  public void stamp() {
    BatchStamper.stamp(batch, 0, baseOffset++, ScratchLog.LEADER_EPOCH);
  }

  /** A producer: its identity, and the checksum anew. */
  @Benchmark
  public void stampProducer() {
    BatchStamper.stampProducer(batch, 0, 17, (short) 1, 0);
  }
}
