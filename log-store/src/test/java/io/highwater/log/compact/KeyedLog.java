package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.log.LogFixture;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.record.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/** A compacted log on a simulated disk, and what a test sees of it. */
final class KeyedLog {
  static final List<Codec> CODECS = List.of(Codec.values());
  static final CompactionConfig COMPACT = new CompactionConfig(true, 0, 0, Long.MAX_VALUE, 100_000);
  static final LogConfig SMALL = LogFixture.SMALL.withCompaction(COMPACT);

  /** A record: all of it, for comparison. */
  record Stored(long offset, String key, String value, long timestamp, String headers) {
    boolean isTombstone() {
      return value == null;
    }
  }

  final LogFixture fixture;
  CleanerBuffers buffers = buffers(1 << 20);
  private long timestamp = 10_000;

  KeyedLog() {
    this(new LogFixture(SMALL));
  }

  KeyedLog(LogFixture fixture) {
    this.fixture = fixture;
    fixture.config = SMALL;
    fixture.open();
  }

  static CleanerBuffers buffers(long keyMapBytes) {
    return new CleanerBuffers(keyMapBytes, 0.9, 1000, new Random(1), IoThrottle.NONE);
  }

  /** Appends "key=value" records in a batch; "key" alone is a tombstone. */
  List<Stored> append(Codec codec, long producerId, int baseSequence, String... records) {
    ByteBuffer batch = batch(codec, producerId, baseSequence, timestamp, records);
    long base = fixture.append(batch).baseOffset();
    List<Stored> stored = new ArrayList<>();
    for (int i = 0; i < records.length; i++) {
      String[] record = records[i].split("=", 2);
      stored.add(
          new Stored(
              base + i, record[0], record.length == 1 ? null : record[1], timestamp + i, "[h]"));
    }
    timestamp += 100;
    return stored;
  }

  List<Stored> append(String... records) {
    return append(Codec.NONE, -1, -1, records);
  }

  static ByteBuffer batch(
      Codec codec, long producerId, int baseSequence, long timestamp, String... records) {
    BatchBuilder builder = new BatchBuilder(codec, 1 << 20);
    builder.producer(producerId, (short) (producerId < 0 ? -1 : 0), baseSequence);
    long next = timestamp;
    for (String text : records) {
      String[] record = text.split("=", 2);
      builder.append(
          next++,
          record[0].isEmpty() ? null : record[0].getBytes(StandardCharsets.UTF_8),
          record.length == 1 ? null : record[1].getBytes(StandardCharsets.UTF_8),
          List.of(new RecordHeader("h", null)));
    }
    return builder.build();
  }

  /** Fills the active segment until it is another one. */
  void roll() {
    long active = fixture.log.offsets().end();
    while (fixture.log.isHot(active - 1)) {
      append("filler-" + timestamp + "=" + "x".repeat(300));
    }
  }

  /** All is committed; then a cleaning. */
  Optional<CompactionReport> clean() {
    fixture.log.advanceHighWatermark(fixture.log.logEndOffset());
    LogCompaction compaction = fixture.log.compaction();
    return compaction.run(compaction.liveBatches(), buffers);
  }

  /** All that a reader gets. */
  List<Stored> records() {
    List<Stored> found = new ArrayList<>();
    batches(
        fixture.log.logStartOffset(),
        (batch, records) -> {
          while (records.next()) {
            found.add(stored(records));
          }
        });
    return found;
  }

  static Stored stored(RecordCursor records) {
    String key = records.hasKey() ? new String(records.key(), StandardCharsets.UTF_8) : null;
    String value = records.hasValue() ? new String(records.value(), StandardCharsets.UTF_8) : null;
    List<String> headers = records.headers().stream().map(RecordHeader::key).toList();
    return new Stored(records.offset(), key, value, records.timestamp(), headers.toString());
  }

  interface BatchVisitor {
    void visit(BatchView batch, RecordCursor records);
  }

  /** Reads like a consumer, with a small buffer, and holds every read against STO-2. */
  void batches(long from, BatchVisitor visitor) {
    ByteBuffer into = ByteBuffer.allocate(700);
    BatchView batch = new BatchView();
    long next = from;
    try (RecordCursor records = new RecordCursor()) {
      while (next < fixture.log.logEndOffset()) {
        ReadResult result = fixture.log.read(next, Long.MAX_VALUE, into.clear());
        if (result.isEmpty()) {
          assertThat(result.neededBytes()).isGreaterThan(into.capacity());
          into = ByteBuffer.allocate(result.neededBytes());
          continue;
        }
        UnsafeBuffer bytes = new UnsafeBuffer(into, 0, result.bytes());
        long end = result.previousEnd();
        for (int at = 0; at < bytes.capacity(); at += batch.sizeInBytes()) {
          batch.wrap(bytes, at);
          assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(end);
          end = batch.nextOffset();
          records.wrap(bytes, at);
          visitor.visit(batch, records);
        }
        assertThat(end).isEqualTo(result.endOffset()).isGreaterThan(next);
        next = end;
      }
    }
  }
}
