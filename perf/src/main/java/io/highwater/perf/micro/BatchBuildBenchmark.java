package io.highwater.perf.micro;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.util.List;
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

/** A producer's batch, from the first record to its checksum; figures are per record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBuildBenchmark {
  private static final int RECORDS = 128;

  @Param({"NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD"})
  Codec codec;

  @Param({"100", "1024"})
  int recordBytes;

  private byte[][] values;
  private BatchBuilder builder;

  @Setup
  public void prepare() {
    values = SampleBatches.values(RECORDS, recordBytes);
    builder = new BatchBuilder(codec, RECORDS * (recordBytes + 32));
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public ByteBuffer build() {
    builder.reset();
    for (byte[] value : values) {
      builder.append(SampleBatches.BASE_TIMESTAMP_MS, null, value, List.of());
    }
    return builder.build();
  }
}
