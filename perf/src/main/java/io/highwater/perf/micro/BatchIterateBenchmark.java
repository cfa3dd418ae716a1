package io.highwater.perf.micro;

import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A consumer's walk over the records of one batch; figures are per record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchIterateBenchmark {
  private static final int RECORDS = 128;

  @Param({"NONE", "GZIP", "SNAPPY", "LZ4", "ZSTD"})
  Codec codec;

  @Param({"100", "1024"})
  int recordBytes;

  private final RecordCursor cursor = new RecordCursor();
  private UnsafeBuffer batch;

  @Setup
  public void prepare() {
    BatchBuilder builder = new BatchBuilder(codec, RECORDS * (recordBytes + 32));
    for (byte[] value : SampleBatches.values(RECORDS, recordBytes)) {
      builder.append(SampleBatches.BASE_TIMESTAMP_MS, null, value, List.of());
    }
    batch = new UnsafeBuffer(builder.build());
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long iterate() {
    long sum = 0;
    cursor.wrap(batch, 0);
    while (cursor.next()) {
      sum += cursor.offset() + cursor.timestamp() + cursor.valueOffset() + cursor.valueLength();
    }
    return sum;
  }
}
