package io.highwater.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.read.ReadResult;
import io.highwater.proto.record.Codec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * The log against a plain list, under random appends, rolls, cuts, retention, clean and unclean
 * restarts and new epochs. A failure names the seed that repeats it.
 */
class LogModelTest {
  /** A batch as the model sees it. */
  private record Stored(long base, int count, int epoch, long timestamp, String tag) {
    long next() {
      return base + count;
    }
  }

  private final List<Stored> model = new ArrayList<>();
  private LogFixture fixture;
  private Random random;
  private int epoch;
  private long start;
  private long flushed;
  private int serial;

  @Property(tries = 2000, shrinking = ShrinkingMode.OFF)
  void theLogIsAListOfBatches(@ForAll long seed) {
    // All tries share an instance: a seed must say it all.
    random = new Random(seed);
    fixture = new LogFixture().open();
    model.clear();
    epoch = 0;
    start = 0;
    flushed = 0;
    serial = 0;
    for (int step = 0; step < 60; step++) {
      act();
      check(step);
    }
  }

  private long end() {
    return model.isEmpty() ? start : Math.max(start, model.get(model.size() - 1).next());
  }

  private void act() {
    switch (random.nextInt(13)) {
      case 0 -> epoch += 1 + random.nextInt(2);
      case 1 -> {
        epoch++;
        fixture.log.onBecomeLeader(epoch);
      }
      case 2 -> cut();
      case 3 -> {
        fixture.reopenCleanly();
        flushed = end();
      }
      case 4 -> {
        if (random.nextBoolean()) {
          fixture.checkpoint();
        }
        fixture.reopenAfterKill();
        startAfterCrash();
      }
      case 5 -> losePower();
      case 6 -> flushed = fixture.log.flush();
      case 8 -> retain();
      case 7 -> fixture.nowMs.addAndGet(fixture.config.rollMs() / 2);
      default -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          append();
        }
      }
    }
  }

  private void append() {
    int count = 1 + random.nextInt(4);
    String tag = "r" + serial++ + "x".repeat(random.nextInt(120));
    long timestamp = 10_000L + random.nextInt(5000);
    String[] values = new String[count];
    java.util.Arrays.fill(values, tag);
    Codec codec = random.nextInt(4) == 0 ? Codec.LZ4 : Codec.NONE;
    ByteBuffer batch = Batches.compressed(codec, timestamp, values);
    AppendResult result;
    if (random.nextInt(3) == 0) {
      ByteBuffer stamped = Batches.stamped(batch, end(), epoch);
      result = fixture.log.appendAsFollower(stamped, end(), epoch);
    } else {
      result = fixture.log.appendAsLeader(batch, epoch);
    }
    assertThat(result).isEqualTo(new AppendResult(end(), end() + count - 1, false));
    model.add(new Stored(end(), count, epoch, timestamp + count - 1, tag));
  }

  private void cut() {
    long offset = start + random.nextInt((int) (end() - start) + 3);
    fixture.log.truncateTo(offset);
    model.removeIf(stored -> stored.next() > offset);
    if (!model.isEmpty() && model.get(model.size() - 1).next() < start) {
      model.clear(); // Nothing is left that may be read: the log begins anew at its start.
    }
    flushed = Math.min(flushed, end());
  }

  private void losePower() {
    fixture.storage.losePower(random);
    fixture.afterCrash();
    startAfterCrash();
    long kept = fixture.log.logEndOffset();
    assertThat(kept).isBetween(flushed, end());
    model.removeIf(stored -> stored.next() > kept);
    assertThat(end()).isEqualTo(kept);
  }

  /** RET-1: what retention leaves; sometimes it is written down. */
  private void retain() {
    fixture.log.advanceHighWatermark(start + random.nextInt((int) (end() - start) + 1));
    long highWatermark = fixture.log.highWatermark();
    long wanted = start + random.nextInt((int) (end() - start) + 2);
    fixture.log.advanceLogStart(wanted);
    start = Math.max(start, Math.min(wanted, highWatermark));
    if (random.nextBoolean()) {
      fixture.checkpoint();
    }
  }

  /** RET-1: no start that was written down goes back. */
  private void startAfterCrash() {
    long found = fixture.log.logStartOffset();
    assertThat(found).isBetween(fixture.known.logStart(), start);
    start = found;
  }

  private void check(int step) {
    assertThat(fixture.log.logEndOffset()).as("step %d", step).isEqualTo(end());
    LogOffsets offsets = fixture.log.offsets();
    assertThat(offsets.flushed()).isLessThanOrEqualTo(end());
    assertThat(offsets.start()).as("step %d", step).isEqualTo(start);
    for (int epochAsked = 0; epochAsked <= epoch; epochAsked++) {
      checkEpochEnd(epochAsked);
    }
    if (end() == start) {
      return;
    }
    checkReadAt(start + random.nextInt((int) (end() - start)));
    checkTimestamp(10_000L + random.nextInt(5100));
  }

  private void checkEpochEnd(int asked) {
    long expected = end();
    for (Stored stored : model) {
      if (stored.epoch() > asked) {
        expected = stored.base();
        break;
      }
    }
    if (expected > start) {
      assertThat(fixture.log.endOf(asked).endOffset()).isEqualTo(expected);
    }
  }

  private void checkReadAt(long offset) {
    int index = 0;
    while (model.get(index).next() <= offset) {
      index++;
    }
    ByteBuffer into = ByteBuffer.allocate(700);
    long next = offset;
    while (next < end()) {
      ReadResult read = fixture.log.read(next, Long.MAX_VALUE, into.clear());
      if (read.isEmpty()) {
        into = ByteBuffer.allocate(read.neededBytes());
        continue;
      }
      assertThat(read.firstBatchBaseOffset()).isEqualTo(model.get(index).base());
      for (String record : LogFixture.decode(into.flip())) {
        long at = Long.parseLong(record.substring(0, record.indexOf(':')));
        if (at == model.get(index).next()) {
          index++;
        }
        assertThat(record).isEqualTo(at + ":" + model.get(index).tag());
      }
      index++;
      next = read.endOffset();
    }
    assertThat(index).isEqualTo(model.size());
  }

  private void checkTimestamp(long timestamp) {
    Long expected = null;
    for (Stored stored : model) {
      if (stored.timestamp() >= timestamp && stored.next() > start) {
        long first = stored.timestamp() - stored.count() + 1;
        expected = Math.max(start, stored.base() + Math.max(0, timestamp - first));
        break;
      }
    }
    Long found =
        fixture
            .log
            .offsetForTimestamp(timestamp, Long.MAX_VALUE)
            .map(OffsetAtTimestamp::offset)
            .orElse(null);
    assertThat(found).isEqualTo(expected);
  }
}
