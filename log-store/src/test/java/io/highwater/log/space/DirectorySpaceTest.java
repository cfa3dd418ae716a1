package io.highwater.log.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DirectorySpaceTest {
  private static final SpaceLimits LIMITS = new SpaceLimits(1_000, 4_000, 6_000);
  private static final Path RESERVE =
      LogFixture.DIRECTORY.resolveSibling(DirectorySpace.RESERVE_FILE);

  private final LogFixture fixture = new LogFixture().open();
  private final DirectorySpace space = fixture.health.space();

  private void free(long bytes) {
    fixture.storage.limitBytes(fixture.storage.usedBytes() + bytes);
  }

  private void check() throws IOException {
    space.check(fixture.storage, LIMITS);
  }

  private void append() {
    fixture.append(Batches.of(1, "a"));
  }

  private static void assertRefused(ThrowingCallable append) {
    assertThatThrownBy(append)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
              assertThat(e.code().retriable()).isTrue();
            });
  }

  @Test
  void appendsStopBeforeTheDiskIsFullAndGoOnWhenThereIsRoom() throws IOException {
    append();
    free(3_999);
    check();
    assertRefused(this::append);
    assertThat(fixture.records()).as("reads go on").containsExactly("0:a");
    free(5_999);
    check();
    assertThat(space.isReadOnly()).as("not at once").isTrue();

    free(6_000);
    check();

    append();
    assertThat(fixture.log.logEndOffset()).isEqualTo(2);
  }

  @Test
  void whatIsWrittenBetweenTwoChecksCounts() throws IOException {
    free(6_000);
    check();
    long batchBytes = Batches.of(1, "a").remaining();
    int appends = 0;
    while (!space.isReadOnly()) {
      try {
        append();
        appends++;
      } catch (HighwaterException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
      }
    }
    assertThat(appends * batchBytes).isBetween(2_000 - batchBytes, 2_000L);
  }

  @Test
  void aLogIsTrimmedWhileNothingIsAppended() throws IOException {
    append();
    fixture.log.advanceHighWatermark(1);
    free(100);
    check();

    fixture.log.advanceLogStart(1);

    assertThat(fixture.log.logStartOffset()).isEqualTo(1);
    assertThat(fixture.health.isOffline()).isFalse();
  }

  @Test
  void aReserveIsKeptAndGivenUpWhenNothingElseIsLeft() throws IOException {
    free(8_000);
    check();
    assertThat(fixture.storage.size(RESERVE)).isEqualTo(1_000);
    free(999);
    check();
    assertThat(fixture.storage.exists(RESERVE)).isFalse();
    assertThat(space.isReadOnly()).isTrue();
    free(6_000);
    check();
    assertThat(fixture.storage.size(RESERVE)).isEqualTo(1_000);
  }

  @Test
  void aDiskThatRefusesAWriteIsReadOnlyUntilTheNextLook() throws IOException {
    free(10_000);
    check();
    free(10);
    assertRefused(this::append);
    assertThat(space.isReadOnly()).isTrue();
    free(20_000);
    assertRefused(this::append);
    check();
    append();
  }

  @Test
  void limitsSuitTheDisk() {
    assertThat(SpaceLimits.suiting(1L << 40))
        .isEqualTo(new SpaceLimits(16L << 20, 256L << 20, 384L << 20));
    assertThat(SpaceLimits.suiting(64L << 20).minFreeBytes()).isEqualTo((64L << 20) / 20);
    assertThat(SpaceLimits.suiting(Long.MAX_VALUE).minFreeBytes()).isEqualTo(256L << 20);
  }
}
