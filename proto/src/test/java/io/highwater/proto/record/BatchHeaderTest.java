package io.highwater.proto.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** REP-9: what two headers tell of two batches, and never a difference that there is not. */
class BatchHeaderTest {
  private static final long HORIZON = 5_000;

  private static byte[] batch(long baseOffset, int epoch, long producer, String... values) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 12);
    builder.producer(producer, (short) (producer < 0 ? -1 : 0), producer < 0 ? -1 : 3);
    for (String value : values) {
      builder.append(
          1_000,
          "key".getBytes(StandardCharsets.UTF_8),
          value.getBytes(StandardCharsets.UTF_8),
          List.of());
    }
    ByteBuffer built = builder.build();
    byte[] bytes = new byte[built.remaining()];
    built.get(bytes);
    BatchStamper.stamp(new UnsafeBuffer(bytes), 0, baseOffset, epoch);
    return bytes;
  }

  private static BatchHeader header(byte[] batch) {
    return BatchHeader.of(Arrays.copyOf(batch, BatchLayout.HEADER_BYTES));
  }

  /** As compaction leaves a batch of which some records stay. */
  private static byte[] cleaned(byte[] batch, int kept, long horizon) {
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    BatchRewriter rewriter = new BatchRewriter();
    rewriter.begin(new BatchView().wrap(buffer, 0), horizon);
    try (RecordCursor records = new RecordCursor()) {
      records.wrap(buffer, 0);
      for (int i = 0; i < kept && records.next(); i++) {
        rewriter.keep(records);
      }
    }
    ByteBuffer rewritten = rewriter.finish();
    byte[] bytes = new byte[rewritten.remaining()];
    rewritten.get(bytes);
    return bytes;
  }

  private static boolean contradict(byte[] one, byte[] other) {
    boolean contradict = header(one).contradicts(header(other));
    assertThat(header(other).contradicts(header(one))).isEqualTo(contradict);
    return contradict;
  }

  @Test
  void aBatchDoesNotContradictItselfHoweverItWasCleaned() {
    byte[] batch = batch(7, 2, 5, "a", "b", "c");
    List<byte[]> states =
        List.of(
            batch,
            cleaned(batch, 3, HORIZON),
            cleaned(batch, 2, HORIZON),
            cleaned(batch, 2, BatchRewriter.NO_HORIZON),
            cleaned(batch, 0, BatchRewriter.NO_HORIZON));
    for (byte[] one : states) {
      for (byte[] other : states) {
        assertThat(contradict(one, other)).isFalse();
      }
    }
  }

  @Test
  void otherRecordsOfTheSameSizeShow() {
    assertThat(contradict(batch(7, 2, -1, "a", "b"), batch(7, 2, -1, "a", "c"))).isTrue();
  }

  @Test
  void anotherPlaceEpochOrProducerShowsEvenAfterACleaning() {
    byte[] batch = batch(7, 2, 5, "a", "b", "c");
    for (byte[] other :
        List.of(
            batch(6, 2, 5, "a", "b", "c"),
            batch(7, 2, 5, "a", "b"),
            batch(7, 3, 5, "a", "b", "c"),
            batch(7, 2, 6, "a", "b", "c"))) {
      assertThat(contradict(batch, other)).isTrue();
      assertThat(contradict(cleaned(batch, 1, BatchRewriter.NO_HORIZON), other)).isTrue();
      assertThat(
              contradict(cleaned(batch, 0, BatchRewriter.NO_HORIZON), cleaned(other, 1, HORIZON)))
          .isTrue();
    }
  }

  @Test
  void aHeaderHasItsSize() {
    assertThatThrownBy(() -> BatchHeader.of(new byte[60]))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] batch = batch(7, 2, 5, "a");
    assertThat(header(batch).toBytes()).startsWith(Arrays.copyOf(batch, 61));
    assertThat(header(batch)).hasToString(header(batch).toString()).isEqualTo(header(batch));
  }
}
