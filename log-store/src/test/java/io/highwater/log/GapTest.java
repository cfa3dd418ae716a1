package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.read.ReadResult;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Reads of logs that end in a gap: their last offsets were compacted away. */
class GapTest {
  private static final long WIDE = Integer.MAX_VALUE + 10L;

  /** A follower left out what no index could span, and was cut behind it. */
  private static LogFixture endingInGap() {
    LogFixture fixture =
        new LogFixture(
                LogFixture.SMALL.withCompaction(
                    new CompactionConfig(true, 0, 0, Long.MAX_VALUE, 100_000)))
            .open();
    fixture.log.appendAsFollower(Batches.stamped(Batches.of(1, "a", "b"), 0, 0), 0, 0);
    fixture.log.appendAsFollower(Batches.stamped(Batches.of(1, "c"), WIDE, 0), 2, 0);
    fixture.log.truncateTo(WIDE);
    assertThat(fixture.log.logEndOffset()).isEqualTo(WIDE);
    return fixture;
  }

  private static ReadResult read(LogFixture fixture, long offset, long ceiling) {
    return fixture.log.read(offset, ceiling, ByteBuffer.allocate(1024));
  }

  @Test
  void aReadOfTheGapAtTheEndGoesOnBehindIt() {
    LogFixture fixture = endingInGap();

    for (long offset : new long[] {2, 1000, WIDE - 1}) {
      ReadResult result = read(fixture, offset, Long.MAX_VALUE);
      assertThat(result.isEmpty()).isTrue();
      assertThat(result.endOffset()).isEqualTo(WIDE);
      assertThat(read(fixture, offset, WIDE - 1).endOffset()).isEqualTo(Math.max(offset, WIDE - 1));
      assertThat(fixture.log.slice(offset, Long.MAX_VALUE, 1024)).isEmpty();
    }
    assertThat(read(fixture, 0, Long.MAX_VALUE).endOffset()).isEqualTo(2);
    assertThat(fixture.log.damage()).isEmpty();
  }

  @Test
  void aReadBelowACeilingWithinAGapGoesOnAtTheCeiling() {
    LogFixture fixture = endingInGap();
    fixture.log.appendAsFollower(Batches.stamped(Batches.of(1, "c"), WIDE + 5, 0), WIDE, 0);

    assertThat(read(fixture, 2, WIDE + 3).endOffset()).isEqualTo(WIDE + 3);
    assertThat(read(fixture, 2, Long.MAX_VALUE).firstBatchBaseOffset()).isEqualTo(WIDE + 5);
  }

  @Test
  void damageInASegmentIsNoGap() {
    LogFixture fixture = endingInGap();
    Path first = LogFixture.DIRECTORY.resolve("00000000000000000000.log");
    byte[] bytes = fixture.storage.content(first);
    bytes[16] = 7;
    fixture.storage.replace(first, bytes);

    assertThatThrownBy(() -> read(fixture, 2, Long.MAX_VALUE))
        .hasMessageContaining("is damaged in segment 0");
  }

  /** Followers come to the log's end by batches alone. */
  @Test
  void aNewLeaderClosesTheGapWithAnEmptyBatch() {
    LogFixture leader = endingInGap();
    LogFixture follower = endingInGap();
    follower.log.truncateTo(2);
    assertThat(follower.log.logEndOffset()).isEqualTo(2);

    leader.log.onBecomeLeader(3);
    assertThat(leader.log.logEndOffset()).isEqualTo(WIDE + 1);
    leader.log.onBecomeLeader(4);
    assertThat(leader.log.logEndOffset()).isEqualTo(WIDE + 1);

    ByteBuffer batches = ByteBuffer.allocate(1024);
    ReadResult result = leader.log.read(2, Long.MAX_VALUE, batches);
    follower.log.appendAsFollower(batches.flip(), result.previousEnd(), 3);
    assertThat(follower.log.logEndOffset()).isEqualTo(WIDE + 1);
    assertThat(LogFixture.records(follower.log, 0)).containsExactly("0:a", "1:b");
    leader.log.advanceHighWatermark(WIDE + 1);
    leader.checkpoint().reopenAfterKill();
    assertThat(LogFixture.records(leader.log, 0)).containsExactly("0:a", "1:b");
  }
}
