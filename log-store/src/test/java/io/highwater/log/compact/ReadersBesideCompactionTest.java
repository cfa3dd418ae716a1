package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.log.read.LogSlice;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CMP-5: on real files, readers beside cleanings see the old or the new records, no error. */
class ReadersBesideCompactionTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);
  private static final int RECORDS = 600;
  private static final int KEYS = 40;
  private static final int ROUNDS = 25;

  @TempDir Path root;

  private PartitionLog log;

  /** The value says the offset, so a reader knows what it must find whatever was dropped before. */
  private static String value(long offset) {
    return offset + "!".repeat((int) (offset % 90));
  }

  private static String key(long offset) {
    // Spread, so that every cleaning finds something to drop in every segment.
    return "k" + offset * 7 % KEYS;
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      long offset = log.logEndOffset();
      Codec codec = KeyedLog.CODECS.get((int) (offset % KeyedLog.CODECS.size()));
      log.appendAsLeader(
          KeyedLog.batch(codec, -1, -1, 1000 + offset, key(offset) + "=" + value(offset)), 0);
    }
    log.advanceHighWatermark(log.logEndOffset());
  }

  @Test
  void readersSeeTheOldOrTheNewRecordsWhileSegmentsAreSwapped() throws Exception {
    LogConfig config =
        new LogConfig(4 << 10, 1_000_000, 256, 1 << 20, 2 << 10, 1_000_000)
            .withCompaction(KeyedLog.COMPACT);
    LogDirectory directory =
        LogDirectory.open(root, new FileStorage(), () -> 1, 1, () -> new UUID(0, 1));
    log = directory.openOrCreate(PARTITION, new UUID(0, 2), config);
    append(RECORDS);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      List<Future<Long>> counts = new ArrayList<>();
      counts.add(readers.submit(() -> passes(done, this::readAll)));
      counts.add(readers.submit(() -> passes(done, this::sliceAll)));
      CleanerBuffers buffers = KeyedLog.buffers(1 << 20);
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(log.compaction().run(LiveBatches.NONE, buffers)).isPresent();
        append(RECORDS / 4);
      }
      done.set(true);
      for (Future<Long> count : counts) {
        assertThat(count.get(60, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(log.damage()).isEmpty();
      assertThat(log.compaction().status().runs()).isEqualTo(ROUNDS);
      assertThat(log.compaction().status().fault()).isEmpty();
    } finally {
      done.set(true);
      readers.shutdown();
      directory.closeCleanly(1);
    }
  }

  private interface Pass {
    /** Hands some batches on, from {@code from} and below {@code end}; returns where they end. */
    long readOn(long from, long end, Seen seen) throws Exception;
  }

  private long passes(AtomicBoolean done, Pass pass) throws Exception {
    Random random = new Random(3);
    long passes = 0;
    try (Seen seen = new Seen()) {
      while (!done.get() || passes == 0) {
        long end = log.logEndOffset();
        long from = passes % 2 == 0 ? 0 : random.nextInt((int) end);
        seen.begin();
        for (long next = from; next < end; end = log.logEndOffset()) {
          long after = pass.readOn(next, end, seen);
          assertThat(after).isGreaterThan(next);
          next = after;
        }
        seen.requireTheLastOfEachKey(from, end);
        passes++;
      }
    }
    return passes;
  }

  private long readAll(long from, long end, Seen seen) {
    ReadResult result = log.read(from, end, seen.into.clear());
    seen.take(seen.into.flip());
    return result.endOffset();
  }

  /** Read in two parts, the second after cleanings may have taken the file away. */
  private long sliceAll(long from, long end, Seen seen) {
    Optional<LogSlice> found = log.slice(from, end, 1500);
    try (LogSlice slice = found.orElseThrow()) {
      ByteBuffer into = seen.into.clear().limit(slice.bytes() / 2);
      slice.read(0, into);
      slice.read(into.position(), into.limit(slice.bytes()));
      seen.take(into.flip());
      return slice.endOffset();
    }
  }

  /** What one pass over the log met. */
  private static final class Seen implements AutoCloseable {
    final ByteBuffer into = ByteBuffer.allocate(4 << 10);
    private final RecordCursor records = new RecordCursor();
    private final BatchView batch = new BatchView();
    private final long[] offsets = new long[KEYS];
    private long next;

    void begin() {
      next = 0;
      Arrays.fill(offsets, -1);
    }

    void take(ByteBuffer batches) {
      UnsafeBuffer bytes = new UnsafeBuffer(batches, 0, batches.limit());
      for (int at = 0; at < bytes.capacity(); at += batch.sizeInBytes()) {
        batch.wrap(bytes, at);
        records.wrap(bytes, at);
        while (records.next()) {
          long offset = records.offset();
          assertThat(offset).isGreaterThanOrEqualTo(next);
          next = offset + 1;
          assertThat(new String(records.key(), StandardCharsets.UTF_8)).isEqualTo(key(offset));
          assertThat(new String(records.value(), StandardCharsets.UTF_8)).isEqualTo(value(offset));
          assertThat(records.timestamp()).isEqualTo(1000 + offset);
          offsets[(int) (offset * 7 % KEYS)] = offset;
        }
      }
    }

    /** CMP-1: nothing superseded these before the pass was over, so no cleaning took them. */
    void requireTheLastOfEachKey(long from, long end) {
      for (long offset = Math.max(from, end - KEYS); offset < end; offset++) {
        assertThat(offsets[(int) (offset * 7 % KEYS)]).as(key(offset)).isEqualTo(offset);
      }
    }

    @Override
    public void close() {
      records.close();
    }
  }
}
