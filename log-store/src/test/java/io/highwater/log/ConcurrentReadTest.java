package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.FileStorage;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers on real files while the owner appends, rolls, cuts and flushes. */
class ConcurrentReadTest {
  private static final TopicPartition PARTITION = new TopicPartition("t", 0);

  @TempDir Path root;

  @Test
  void readersSeeOnlyWholeBatchesInOrderWhateverTheOwnerDoes() throws Exception {
    LogConfig config = new LogConfig(16 << 10, 1_000_000, 256, 1 << 20, 4 << 10, 1_000_000);
    LogDirectory directory =
        LogDirectory.open(root, new FileStorage(), () -> 1, 1, () -> new UUID(0, 1));
    PartitionLog log = directory.openOrCreate(PARTITION, new UUID(0, 2), config);
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try {
      List<Future<Long>> counts = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int seed = i;
        counts.add(readers.submit(() -> readUntil(done, log, new Random(seed))));
      }
      Future<Long> flusher =
          readers.submit(
              () -> {
                while (!done.get()) {
                  assertThat(log.flush()).isLessThanOrEqualTo(Long.MAX_VALUE);
                }
                return 1L;
              });
      Random random = new Random(7);
      for (int i = 0; i < 4000; i++) {
        // The value says the offset, so a reader knows what it must find whatever was cut before.
        long offset = log.logEndOffset();
        log.appendAsLeader(Batches.of(1, offset + "!".repeat(random.nextInt(200))), i / 100);
        if (random.nextInt(40) == 0) {
          log.truncateTo(Math.max(0, log.logEndOffset() - random.nextInt(300)));
        }
      }
      done.set(true);
      for (Future<Long> count : counts) {
        assertThat(count.get(30, TimeUnit.SECONDS)).isPositive();
      }
      flusher.get(30, TimeUnit.SECONDS);
      assertThat(log.damage()).isEmpty();
    } finally {
      done.set(true);
      readers.shutdown();
      directory.closeCleanly(1);
    }
  }

  private static long readUntil(AtomicBoolean done, PartitionLog log, Random random) {
    ByteBuffer into = ByteBuffer.allocate(8192);
    long found = 0;
    while (!done.get()) {
      long end = log.logEndOffset();
      long next = end == 0 ? 0 : random.nextInt((int) end);
      try {
        for (int i = 0; i < 5; i++) {
          ReadResult result = log.read(next, Long.MAX_VALUE, into.clear());
          for (String record : LogFixture.decode(into.flip())) {
            String offset = Long.toString(next++);
            assertThat(record).startsWith(offset + ":" + offset);
            found++;
          }
          assertThat(next).isEqualTo(result.endOffset());
        }
        log.offsetForTimestamp(1, end);
      } catch (HighwaterException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
      }
    }
    return found;
  }

  @Test
  void anInterruptedReaderHarmsNobodyElse() throws Exception {
    LogDirectory directory =
        LogDirectory.open(root, new FileStorage(), () -> 1, 1, () -> new UUID(0, 1));
    PartitionLog log = directory.openOrCreate(PARTITION, new UUID(0, 2), LogConfig.DEFAULT);
    log.appendAsLeader(Batches.of(1, "a"), 0);
    Thread.currentThread().interrupt();
    try {
      log.read(0, 1, ByteBuffer.allocate(100));
    } catch (HighwaterException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
    assertThat(Thread.interrupted()).isTrue();

    assertThat(log.appendAsLeader(Batches.of(1, "b"), 0).baseOffset()).isEqualTo(1);
    assertThat(LogFixture.records(log, 0)).containsExactly("0:a", "1:b");
    directory.closeCleanly(1);
  }
}
