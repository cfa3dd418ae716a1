package io.highwater.perf.micro;

import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Frames with records out and in, without gRPC around them; figures are per frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MarshallingBenchmark {
  @Param({"1024", "65536", "1048576"})
  int recordsBytes;

  private ByteBuffer records;
  private byte[] produceMessage;
  private byte[] replicateMessage;
  private long next;

  @Setup
  public void prepare() {
    records = SampleBatches.filled(Codec.NONE, 100, recordsBytes);
    produceMessage =
        SampleFrames.encoded(
            SampleFrames.produceMarshaller(), SampleFrames.produce(records, 1_000_000));
    replicateMessage =
        SampleFrames.encoded(
            SampleFrames.replicateMarshaller(), SampleFrames.replicate(records, 1_000_000));
  }

  @Benchmark
  public int writeProduce() {
    return SampleFrames.write(
        SampleFrames.produceMarshaller(), SampleFrames.produce(records, next++));
  }

  @Benchmark
  public int readProduce() {
    return SampleFrames.read(SampleFrames.produceMarshaller(), produceMessage);
  }

  @Benchmark
  public int writeReplicate() {
    return SampleFrames.write(
        SampleFrames.replicateMarshaller(), SampleFrames.replicate(records, next++));
  }

  @Benchmark
  public int readReplicate() {
    return SampleFrames.read(SampleFrames.replicateMarshaller(), replicateMessage);
  }
}
