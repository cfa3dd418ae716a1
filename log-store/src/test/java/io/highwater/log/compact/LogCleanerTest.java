package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.LogFixture;
import io.highwater.log.compact.KeyedLog.Stored;
import io.highwater.log.retain.RetentionConfig;
import io.highwater.log.segment.SegmentFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which log is cleaned next, and that a fault of one holds up no other (CMP-5). */
class LogCleanerTest {
  private final KeyedLog dirty = new KeyedLog();
  private final KeyedLog cleaner = new KeyedLog();

  private static LogCompaction compaction(KeyedLog log) {
    return log.fixture.log.compaction();
  }

  private LogCleaner over(CleanerBuffers buffers) {
    return new LogCleaner(() -> Stream.of(cleaner, dirty).map(LogCleanerTest::compaction), buffers);
  }

  /** One of the logs is dirty all through, the other in its last part only. */
  private LogCleaner withWork(CleanerBuffers buffers) {
    for (int i = 0; i < 30; i++) {
      cleaner.append("a=" + i, "b" + i + "=" + i);
    }
    cleaner.roll();
    assertThat(cleaner.clean()).isPresent();
    for (KeyedLog log : List.of(dirty, cleaner)) {
      log.append("a=x");
      log.roll();
      log.fixture.log.advanceHighWatermark(log.fixture.log.logEndOffset());
    }
    return over(buffers);
  }

  private static boolean clean(LogCleaner cleaner, KeyedLog log) {
    return cleaner.clean(compaction(log), compaction(log).liveBatches());
  }

  @Test
  void theDirtiestLogComesFirst() {
    LogCleaner cleaning = withWork(KeyedLog.buffers(1 << 20));
    assertThat(cleaning.next()).containsSame(compaction(dirty));
    assertThat(clean(cleaning, dirty)).isTrue();
    assertThat(cleaning.next()).containsSame(compaction(cleaner));
    assertThat(clean(cleaning, cleaner)).isTrue();
    assertThat(cleaning.next()).isEmpty();
  }

  @Test
  void aDamagedLogHoldsUpNoOther() {
    LogCleaner cleaning = withWork(KeyedLog.buffers(1 << 20));
    damage(dirty);
    assertThat(cleaning.next()).containsSame(compaction(dirty));
    assertThat(clean(cleaning, dirty)).isFalse();
    assertThat(compaction(dirty).status().fault()).isPresent();
    assertThat(dirty.fixture.health.isOffline()).isFalse();
    goesOnWithTheOther(cleaning);
  }

  /** STO-10: found by a reader before any cleaning came to it. */
  @Test
  void aLogWhoseDamageIsKnownIsNotChosen() {
    LogCleaner cleaning = withWork(KeyedLog.buffers(1 << 20));
    damage(dirty);
    assertThatThrownBy(() -> dirty.fixture.log.read(0, 100, ByteBuffer.allocate(2048)))
        .hasMessageContaining("is damaged in segment 0");
    goesOnWithTheOther(cleaning);
  }

  @Test
  void aFaultThatNobodyForesawHoldsUpNoOther() {
    boolean[] broken = {true};
    IoThrottle throttle =
        new IoThrottle(
            1,
            () -> 0,
            nanos -> {
              if (broken[0]) {
                throw new IllegalStateException("unforeseen");
              }
            });
    LogCleaner cleaning = withWork(new CleanerBuffers(1 << 20, 0.9, 1000, new Random(1), throttle));
    assertThatThrownBy(() -> clean(cleaning, dirty)).hasMessage("unforeseen");
    assertThat(compaction(dirty).status().fault().orElseThrow()).contains("unforeseen");
    broken[0] = false;
    goesOnWithTheOther(cleaning);
  }

  private void goesOnWithTheOther(LogCleaner cleaning) {
    assertThat(cleaning.next()).containsSame(compaction(cleaner));
    assertThat(clean(cleaning, cleaner)).isTrue();
    assertThat(cleaning.next()).isEmpty();
    assertThat(compaction(cleaner).status().fault()).isEmpty();
  }

  private static void damage(KeyedLog log) {
    Path first = SegmentFiles.path(LogFixture.DIRECTORY, 0, SegmentFiles.LOG);
    byte[] bytes = log.fixture.storage.content(first);
    bytes[70] ^= 1;
    log.fixture.storage.replace(first, bytes);
  }

  /** RET-1 with CMP-1: {@code cleanup.policy=compact,delete}. */
  @Test
  void whatWasCompactedIsDeletedInItsTime() {
    dirty.fixture.config = KeyedLog.SMALL.withRetention(new RetentionConfig(true, 10_000, -1));
    dirty.fixture.reopenCleanly();
    for (int i = 0; i < 60; i++) {
      dirty.append("a=" + i, "old" + i + "=" + i);
    }
    dirty.roll();
    // A cleaning does not make young again what it keeps.
    dirty.fixture.nowMs.addAndGet(6_000);
    CompactionReport report = dirty.clean().orElseThrow();
    List<Stored> young = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      young.addAll(dirty.append("a=new" + i));
    }
    dirty.roll();
    dirty.fixture.log.advanceHighWatermark(dirty.fixture.log.logEndOffset());
    dirty.fixture.log.flush();
    dirty.fixture.nowMs.addAndGet(6_000);

    assertThat(dirty.fixture.log.retention().enforce()).isTrue();

    assertThat(dirty.fixture.log.logStartOffset()).isEqualTo(report.cleanedTo());
    assertThat(dirty.records()).containsAll(young).noneMatch(r -> r.key().startsWith("old"));
    assertThat(compaction(dirty).plan().startOffset()).isEqualTo(report.cleanedTo());
    assertThat(dirty.clean()).isPresent();
    List<Stored> left = dirty.records();
    assertThat(left).contains(young.get(young.size() - 1)).doesNotContain(young.get(0));
    dirty.fixture.log.flush();
    dirty.fixture.checkpoint().reopenAfterKill();
    assertThat(dirty.records()).isEqualTo(left);
  }
}
