package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.io.SimStorage.Operation;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.verify.DirectoryScrub;
import io.highwater.log.verify.LogScrub;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** STO-10: bit rot is found before anybody reads it. */
class ScrubTest {
  private final LogFixture fixture = new LogFixture().open();

  private void fill() {
    for (int i = 0; i < 100; i++) {
      fixture.append(Batches.of(1, "v" + i));
    }
    fixture.log.flushSealed();
  }

  private long scrubAll(long stepBytes) {
    DirectoryScrub scrub = new DirectoryScrub(() -> List.of(fixture.log));
    long steps = 1;
    while (scrub.step(stepBytes)) {
      steps++;
    }
    return steps;
  }

  private void flip(String suffix, int at) {
    Path file = SegmentFiles.path(LogFixture.DIRECTORY, 0, suffix);
    byte[] bytes = fixture.storage.content(file);
    bytes[at] ^= 4;
    fixture.storage.replace(file, bytes);
  }

  @Test
  void aSoundLogStaysSoundHoweverSmallTheSteps() {
    fill();
    assertThat(scrubAll(1)).isGreaterThan(80);
    assertThat(scrubAll(1 << 20)).isEqualTo(1);
    assertThat(fixture.log.damage()).isEmpty();
  }

  @Test
  void aFlippedBitAnywhereIsFoundAndNamed() {
    fill();
    byte[] sound = fixture.storage.content(SegmentFiles.path(LogFixture.DIRECTORY, 0, ".log"));
    for (int at = 0; at < sound.length; at++) {
      flip(".log", at);
      fixture.reopenAfterKill();
      scrubAll(300);
      assertThat(fixture.log.damage().orElseThrow())
          .contains(SegmentFiles.name(0, ".log"), "t-0 is damaged");
      flip(".log", at);
    }
  }

  @Test
  void aDamagedLogIsLeftAlone() {
    fill();
    flip(".log", 100);
    scrubAll(1 << 20);
    assertThat(fixture.log.scrub().step(1)).isEqualTo(-1);
  }

  @Test
  void whatACutOrTheLogStartTakesAwayMeanwhileIsNoDamage() {
    fill();
    LogScrub scrub = fixture.log.scrub();
    assertThat(scrub.step(100)).isPositive();
    fixture.log.truncateTo(3);
    while (scrub.step(100) >= 0) {
      assertThat(fixture.log.damage()).isEmpty();
    }
    assertThat(fixture.log.damage()).isEmpty();
  }

  @Test
  void anUnreadableSectorIsDamage() {
    fill();
    fixture.storage.failNext(
        Operation.READ, path -> path.toString().endsWith(".log"), new IOException("EIO"));
    scrubAll(1 << 20);
    assertThat(fixture.log.damage().orElseThrow()).contains("cannot be read", "EIO");
  }
}
