package io.highwater.perf.micro;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchStamper;
import io.highwater.proto.record.BatchValidator;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.replication.core.Effects;
import io.highwater.replication.core.LeaderState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the pieces of the hot path allocate, counted by the JVM: something per batch, nothing per
 * record. The bounds hold whether or not the JIT compiler has come to the code yet.
 */
class HotPathAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int WARM_UP_CALLS = 200;
  private static final int CALLS = 500;
  private static final int FEW = 10;
  private static final int MANY = 1_000;
  private static final int RECORD_BYTES = 50;

  /** Room for views, results and what is published; less than a byte for each of MANY records. */
  private static final long BATCH_BOUND_BYTES = 900;

  /** Half of the smallest object for each record; codecs' pools may lose a buffer now and then. */
  private static final long CODEC_BOUND_BYTES = 8 * MANY;

  private ScratchLog scratch;

  @BeforeEach
  void open() throws IOException {
    scratch = new ScratchLog();
  }

  @AfterEach
  void close() throws IOException {
    scratch.close();
  }

  private static long bytesPerCall(Runnable call) {
    for (int i = 0; i < WARM_UP_CALLS; i++) {
      call.run();
    }
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }

  private static ByteBuffer batchOf(Codec codec, int records) {
    BatchBuilder builder = new BatchBuilder(codec, records * (RECORD_BYTES + 50));
    fill(builder, SampleBatches.values(records, RECORD_BYTES));
    return builder.build();
  }

  private static void fill(BatchBuilder builder, byte[][] values) {
    for (byte[] value : values) {
      builder.append(SampleBatches.BASE_TIMESTAMP_MS, null, value, List.of());
    }
  }

  @Test
  void appendingAsLeaderAllocatesPerBatchOnly() {
    ByteBuffer batch = batchOf(Codec.NONE, MANY);
    assertThat(
            bytesPerCall(
                () -> scratch.log().appendAsLeader(batch.rewind(), ScratchLog.LEADER_EPOCH)))
        .isLessThan(BATCH_BOUND_BYTES);
  }

  @Test
  void appendingAsFollowerAllocatesPerBatchOnly() {
    ByteBuffer batch = batchOf(Codec.NONE, MANY);
    UnsafeBuffer header = new UnsafeBuffer(batch);
    assertThat(
            bytesPerCall(
                () -> {
                  long end = scratch.log().logEndOffset();
                  BatchStamper.stamp(header, 0, end, ScratchLog.LEADER_EPOCH);
                  scratch.log().appendAsFollower(batch.rewind(), end, ScratchLog.LEADER_EPOCH);
                }))
        .isLessThan(BATCH_BOUND_BYTES);
  }

  @Test
  void readingAllocatesPerReadOnly() {
    ByteBuffer batch = batchOf(Codec.NONE, MANY);
    scratch.fill(batch, 50 * batch.capacity());
    ByteBuffer into = ByteBuffer.allocate(3 * batch.capacity());
    long end = scratch.log().logEndOffset();
    long[] next = {0};
    assertThat(
            bytesPerCall(
                () -> {
                  ReadResult result = scratch.log().read(next[0], end, into.clear());
                  next[0] = result.endOffset() == end ? 0 : result.endOffset();
                }))
        .isLessThan(BATCH_BOUND_BYTES);
  }

  @Test
  void validatingAllocatesPerBatchOnly() {
    ByteBuffer batch = batchOf(Codec.NONE, MANY);
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    BatchValidator validator = new BatchValidator();
    assertThat(
            bytesPerCall(
                () -> validator.validate(buffer, 0, buffer.capacity(), buffer.capacity(), false)))
        .isLessThan(BATCH_BOUND_BYTES);
  }

  @Test
  void aStepOfTheLeaderAllocatesNextToNothing() {
    LeaderState leader = SampleLeader.ofThreeInSync();
    Effects effects = new Effects();
    long[] end = {0};
    assertThat(
            bytesPerCall(
                () -> {
                  end[0] += MANY;
                  SampleLeader.appendAndCommit(leader, end[0], effects);
                }))
        .isLessThan(BATCH_BOUND_BYTES);
    assertThat(leader.highWatermark()).isEqualTo(end[0]);
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void buildingABatchAllocatesNothingPerRecord(Codec codec) {
    assertThat(bytesToBuild(codec, MANY) - bytesToBuild(codec, FEW)).isLessThan(CODEC_BOUND_BYTES);
  }

  private static long bytesToBuild(Codec codec, int records) {
    byte[][] values = SampleBatches.values(records, RECORD_BYTES);
    BatchBuilder builder = new BatchBuilder(codec, records * (RECORD_BYTES + 50));
    return bytesPerCall(
        () -> {
          builder.reset();
          fill(builder, values);
          builder.build();
        });
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void walkingThroughABatchAllocatesNothingPerRecord(Codec codec) {
    assertThat(bytesToWalk(codec, MANY) - bytesToWalk(codec, FEW)).isLessThan(CODEC_BOUND_BYTES);
  }

  private static long bytesToWalk(Codec codec, int records) {
    UnsafeBuffer batch = new UnsafeBuffer(batchOf(codec, records));
    try (RecordCursor cursor = new RecordCursor()) {
      return bytesPerCall(
          () -> {
            cursor.wrap(batch, 0);
            int seen = 0;
            while (cursor.next()) {
              seen++;
            }
            assertThat(seen).isEqualTo(records);
          });
    }
  }

  @Test
  void framesAllocateTheSameHoweverManyBytesTheyCarry() {
    assertThat(bytesToMarshal(MANY) - bytesToMarshal(FEW)).isLessThan(BATCH_BOUND_BYTES);
    assertThat(bytesToParse(MANY) - bytesToParse(FEW)).isLessThan(BATCH_BOUND_BYTES);
  }

  private static long bytesToMarshal(int records) {
    ByteBuffer batch = batchOf(Codec.NONE, records);
    return bytesPerCall(
        () -> {
          SampleFrames.write(SampleFrames.produceMarshaller(), SampleFrames.produce(batch, 1));
          SampleFrames.write(SampleFrames.replicateMarshaller(), SampleFrames.replicate(batch, 1));
        });
  }

  private static long bytesToParse(int records) {
    ByteBuffer batch = batchOf(Codec.NONE, records);
    byte[] produce =
        SampleFrames.encoded(SampleFrames.produceMarshaller(), SampleFrames.produce(batch, 1));
    byte[] replicate =
        SampleFrames.encoded(SampleFrames.replicateMarshaller(), SampleFrames.replicate(batch, 1));
    return bytesPerCall(
        () -> {
          SampleFrames.read(SampleFrames.produceMarshaller(), produce);
          SampleFrames.read(SampleFrames.replicateMarshaller(), replicate);
        });
  }
}
