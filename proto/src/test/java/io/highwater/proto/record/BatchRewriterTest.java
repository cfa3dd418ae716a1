package io.highwater.proto.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.record.Batches.Entry;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchRewriterTest {
  private static final long BASE = 1_000_000_007L;
  private final BatchRewriter rewriter = new BatchRewriter();

  private static List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] value = i % 7 == 0 ? null : ("value value " + i).repeat(1 + i % 40).getBytes(UTF_8);
      List<RecordHeader> headers =
          i % 3 == 0 ? List.of(new RecordHeader("trace", new byte[] {1, (byte) i})) : List.of();
      // Timestamps go back and forth: deltas are negative, too.
      long timestamp = 1_700_000_000_000L + (i % 2 == 0 ? i : -5000L * i);
      entries.add(new Entry(timestamp, ("key-" + i).getBytes(UTF_8), value, headers));
    }
    return entries;
  }

  private static byte[] batch(Codec codec, List<Entry> entries) {
    byte[] batch = Batches.of(codec, entries);
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    BatchStamper.stamp(buffer, 0, BASE, 5);
    BatchStamper.stampProducer(buffer, 0, 77, (short) 3, 4242);
    return batch;
  }

  private byte[] rewritten(byte[] batch, long horizon, int keepEvery) {
    UnsafeBuffer buffer = new UnsafeBuffer(batch);
    rewriter.begin(new BatchView().wrap(buffer, 0), horizon);
    try (RecordCursor records = new RecordCursor()) {
      records.wrap(buffer, 0);
      while (records.next()) {
        if (keepEvery > 0 && (records.offset() - BASE) % keepEvery == 0) {
          rewriter.keep(records);
        }
      }
    }
    return Batches.bytes(rewriter.finish());
  }

  private static List<Long> offsets(byte[] batch) {
    List<Long> offsets = new ArrayList<>();
    try (RecordCursor records = new RecordCursor()) {
      records.wrap(new UnsafeBuffer(batch), 0);
      while (records.next()) {
        offsets.add(records.offset());
      }
    }
    return offsets;
  }

  /** CMP-1: what stays is as it was, in a batch that spans what it spanned. */
  @ParameterizedTest
  @EnumSource
  void keptRecordsStayAsTheyWere(Codec codec) {
    byte[] source = batch(codec, entries());
    byte[] result = rewritten(source, BatchRewriter.NO_HORIZON, 10);

    BatchView view = new BatchView().wrap(new UnsafeBuffer(result), 0);
    assertThat(view.crcMatches()).isTrue();
    assertThat(view.sizeInBytes()).isEqualTo(result.length);
    assertThat(view.codec()).isEqualTo(codec);
    assertThat(view.baseOffset()).isEqualTo(BASE);
    assertThat(view.lastOffset()).isEqualTo(BASE + 199);
    assertThat(view.leaderEpoch()).isEqualTo(5);
    assertThat(view.producerId()).isEqualTo(77);
    assertThat(view.producerEpoch()).isEqualTo((short) 3);
    assertThat(view.baseSequence()).isEqualTo(4242);
    assertThat(view.lastSequence()).isEqualTo(4242 + 199);
    assertThat(view.recordCount()).isEqualTo(20);
    assertThat(view.hasDeleteHorizon()).isFalse();
    assertThat(offsets(result)).hasSize(20).allMatch(offset -> (offset - BASE) % 10 == 0);
    List<Entry> expected = new ArrayList<>();
    for (int i = 0; i < 200; i += 10) {
      expected.add(entries().get(i));
    }
    assertThat(Batches.entries(result)).isEqualTo(expected);
    assertThat(view.maxTimestamp())
        .isEqualTo(expected.stream().mapToLong(Entry::timestamp).max().orElseThrow());
  }

  /** KIP-534: the horizon takes the base timestamp's place, the records' timestamps stay. */
  @ParameterizedTest
  @EnumSource
  void aDeleteHorizonMovesNoTimestamp(Codec codec) {
    long horizon = 1_800_000_000_000L;
    byte[] result = rewritten(batch(codec, entries()), horizon, 1);

    BatchView view = new BatchView().wrap(new UnsafeBuffer(result), 0);
    assertThat(view.crcMatches()).isTrue();
    assertThat(view.hasDeleteHorizon()).isTrue();
    assertThat(view.baseTimestamp()).isEqualTo(horizon);
    assertThat(Batches.entries(result)).isEqualTo(entries());

    byte[] again = rewritten(result, BatchRewriter.NO_HORIZON, 2);
    view.wrap(new UnsafeBuffer(again), 0);
    assertThat(view.hasDeleteHorizon()).isTrue();
    assertThat(view.baseTimestamp()).isEqualTo(horizon);
    assertThat(Batches.entries(again).get(1)).isEqualTo(entries().get(2));
  }

  /** CMP-4: an empty batch still says whose it was and which offsets and sequences it took. */
  @ParameterizedTest
  @EnumSource
  void aBatchWithoutRecordsIsABareHeader(Codec codec) {
    byte[] result = rewritten(batch(codec, entries()), 5_000, 0);

    assertThat(result).hasSize(BatchLayout.HEADER_BYTES);
    BatchView view = new BatchView().wrap(new UnsafeBuffer(result), 0);
    assertThat(view.crcMatches()).isTrue();
    assertThat(view.codec()).isEqualTo(Codec.NONE);
    assertThat(view.recordCount()).isZero();
    assertThat(view.lastOffset()).isEqualTo(BASE + 199);
    assertThat(view.lastSequence()).isEqualTo(4242 + 199);
    assertThat(view.hasDeleteHorizon()).isFalse();
    assertThat(offsets(result)).isEmpty();
  }

  @Test
  void aVeryLargeRecordTakesNoMoreMemoryThanItNeeds() {
    byte[] source =
        batch(Codec.NONE, List.of(new Entry(9_000, new byte[] {7}, new byte[900_000], List.of())));

    byte[] result = rewritten(source, BatchRewriter.NO_HORIZON, 1);

    assertThat(rewriter.finish().array()).hasSizeLessThan(result.length + 1024);
  }

  /** INP-1: a client may write a number in more bytes than it takes. */
  @Test
  void aTimestampDeltaOfNeedlessLengthIsReadToItsEnd() {
    byte[] plain =
        Batches.of(
            Codec.NONE, List.of(new Entry(9_000, new byte[] {7}, new byte[] {8}, List.of())));
    byte[] records = new byte[plain.length - BatchLayout.HEADER_BYTES + 1];
    System.arraycopy(plain, BatchLayout.HEADER_BYTES, records, 0, 2);
    records[0] = (byte) (records[0] + 2); // One byte more, as a zig-zag varint.
    records[2] = (byte) 0x80; // Zero in two bytes.
    System.arraycopy(
        plain,
        BatchLayout.HEADER_BYTES + 3,
        records,
        4,
        plain.length - BatchLayout.HEADER_BYTES - 3);
    byte[] padded = Batches.withRecords(plain, Codec.NONE, records);
    assertThat(Batches.entries(padded)).isEqualTo(Batches.entries(plain));

    rewriter.begin(new BatchView().wrap(new UnsafeBuffer(padded), 0), 12_345);
    try (RecordCursor cursor = new RecordCursor()) {
      cursor.wrap(new UnsafeBuffer(padded), 0);
      assertThat(cursor.next()).isTrue();
      rewriter.keep(cursor);
    }
    assertThat(Batches.entries(Batches.bytes(rewriter.finish()))).isEqualTo(Batches.entries(plain));
  }
}
