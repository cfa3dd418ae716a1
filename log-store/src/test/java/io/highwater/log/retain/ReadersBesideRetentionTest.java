package io.highwater.log.retain;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogContext;
import io.highwater.log.LogFixture;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.StorageHook;
import io.highwater.log.read.ReadResult;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.segment.OpenSegments;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** RET-1: readers are not harmed by what goes. */
class ReadersBesideRetentionTest {
  private final LogFixture fixture =
      new LogFixture(
          LogFixture.SMALL
              .withFileDeleteDelayMs(0)
              .withRetention(new RetentionConfig(true, -1, 4_000)));

  @Test
  void aReadThatHasBegunEndsThoughItsSegmentIsDeletedMeanwhile() {
    StorageHook hook = StorageHook.after("readFully");
    PartitionLog log =
        PartitionLog.open(
            new LogContext(
                LogFixture.PARTITION,
                LogFixture.TOPIC_ID,
                LogFixture.DIRECTORY,
                hook.on(fixture.storage),
                fixture.config,
                fixture.nowMs::get,
                fixture.nowMs::get,
                fixture.health,
                new OpenSegments(4),
                fixture),
            LastKnown.NOTHING);
    log.appendAsLeader(Batches.of(1, "a"), 0);
    log.advanceHighWatermark(1);
    hook.once(
        () -> {
          log.advanceLogStart(1);
          fixture.known = new LastKnown(false, 0, 1, 1);
          log.retention().deleteDue();
          assertThat(log.retention().hasDropped()).isFalse();
        });
    ByteBuffer into = ByteBuffer.allocate(1_000);

    ReadResult result = log.read(0, Long.MAX_VALUE, into);

    assertThat(LogFixture.decode(into.flip())).containsExactly("0:a");
    assertThat(result.endOffset()).isEqualTo(1);
    assertThat(log.damage()).isEmpty();
  }

  @Test
  void readersFindWhatTheyAskForOrHearThatItIsGone() {
    PartitionLog log = fixture.open().log;
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Long> reader =
        CompletableFuture.supplyAsync(
            () -> {
              ByteBuffer into = ByteBuffer.allocate(4_096);
              long reads = 0;
              while (!done.get()) {
                long offset = log.logStartOffset();
                try {
                  ReadResult result = log.read(offset, Long.MAX_VALUE, into.clear());
                  assertThat(result.endOffset()).isGreaterThanOrEqualTo(offset);
                  reads++;
                } catch (HighwaterException e) {
                  assertThat(e.code()).isEqualTo(ErrorCode.OFFSET_OUT_OF_RANGE);
                }
                assertThat(log.offsetForTimestamp(0, Long.MAX_VALUE)).isNotNull();
              }
              return reads;
            });
    ByteBuffer batch = Batches.sized(1, 400);
    for (int i = 0; i < 5_000 && !reader.isDone(); i++) {
      fixture.append(batch.duplicate());
      log.advanceHighWatermark(i + 1);
      log.retention().enforce();
      fixture.known = new LastKnown(false, 0, 0, log.logStartOffset());
      log.retention().deleteDue();
    }
    done.set(true);

    assertThat(reader.join()).isPositive();
    assertThat(log.damage()).isEmpty();
    assertThat(log.logStartOffset()).isPositive();
  }
}
