package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.SimStorage;
import io.highwater.log.io.StorageHook;
import io.highwater.log.read.ReadResult;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.segment.OpenSegments;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Reads, flushes and cuts that find the log other than it was a moment ago. */
class OvertakenByCutTest {
  private final LogFixture fixture = new LogFixture();

  private PartitionLog opened(StorageHook hook) {
    SimStorage storage = fixture.storage;
    return PartitionLog.open(
        new LogContext(
            LogFixture.PARTITION,
            LogFixture.TOPIC_ID,
            LogFixture.DIRECTORY,
            hook.on(storage),
            LogFixture.SMALL,
            fixture.nowMs::get,
            fixture.nowMs::get,
            fixture.health,
            new OpenSegments(4),
            fixture),
        LastKnown.NOTHING);
  }

  @Test
  void aReadThatFindsNothingLeftHandsOutNoBytesOfBefore() {
    StorageHook hook = StorageHook.after("readFully");
    PartitionLog log = opened(hook);
    log.appendAsLeader(Batches.of(1, "a"), 0);
    log.appendAsLeader(Batches.of(1, "b"), 0);
    hook.once(() -> log.truncateTo(0));
    ByteBuffer into = ByteBuffer.allocate(1000);

    ReadResult result = log.read(0, Long.MAX_VALUE, into);

    assertThat(log.logEndOffset()).isZero();
    assertThat(result.isEmpty()).isTrue();
    assertThat(into.position()).isZero();
  }

  /** STO-8: the kernel tells of a failed write-back once; who hears it must not forget it. */
  @Test
  void aFailedSyncIsFinalEvenWhenACutCameBetween() {
    StorageHook hook = StorageHook.after("force");
    PartitionLog log = opened(hook);
    log.appendAsLeader(Batches.of(1, "a"), 0);
    log.appendAsLeader(Batches.of(1, "b"), 0);
    hook.once(
        () -> {
          log.truncateTo(1);
          throw new IOException("EIO");
        });

    assertThatThrownBy(log::flush)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
    assertThat(fixture.health.isOffline()).isTrue();
  }

  /** Where a reader found an offset once says nothing of where it is after a cut. */
  @Test
  void aCutIsNotMisledByWhereAnOffsetWasBeforeTheLastCut() {
    ByteBuffer small = Batches.sized(1, 100);
    ByteBuffer large = Batches.sized(1, 100 + small.remaining());
    while (large.remaining() > 2 * small.remaining()) {
      large =
          Batches.sized(1, 100 + small.remaining() - (large.remaining() - 2 * small.remaining()));
    }
    assertThat(large.remaining()).isEqualTo(2 * small.remaining());
    fixture.open();
    fixture.append(large.duplicate());
    fixture.append(large.duplicate());
    assertThat(fixture.log.read(0, 2, ByteBuffer.allocate(2000)).endOffset()).isEqualTo(2);
    fixture.log.truncateTo(1);
    for (int i = 0; i < 5; i++) {
      fixture.append(small.duplicate());
    }

    fixture.log.truncateTo(2);

    assertThat(fixture.log.logEndOffset()).isEqualTo(2);
    assertThat(fixture.reopenAfterKill().log.logEndOffset()).isEqualTo(2);
  }
}
