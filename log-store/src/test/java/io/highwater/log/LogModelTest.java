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

/** The log against a plain list, under random appends, rolls, cuts, crashes and new epochs. */
class LogModelTest {
  /** A batch as the model sees it. */
  private record Stored(long base, int count, int epoch, long timestamp, String tag) {
    long next() {
      return base + count;
    }
  }

  private final List<Stored> model = new ArrayList<>();
  private final LogFixture fixture = new LogFixture();
  private Random random;
  private int epoch;
  private long start;
  private long flushed;
  private int serial;

  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void theLogIsAListOfBatches(@ForAll long seed) {
    random = new Random(seed);
    fixture.open();
    for (int step = 0; step < 60; step++) {
      act();
      check(step);
    }
  }

  private long end() {
    return model.isEmpty() ? start : model.get(model.size() - 1).next();
  }

  private void act() {
    switch (random.nextInt(12)) {
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
      }
      case 5 -> losePower();
      case 6 -> flushed = fixture.log.flush();
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
    flushed = Math.min(flushed, end());
  }

  private void losePower() {
    fixture.storage.losePower(random);
    fixture.afterCrash();
    long kept = fixture.log.logEndOffset();
    assertThat(kept).isBetween(flushed, end());
    model.removeIf(stored -> stored.next() > kept);
    assertThat(end()).isEqualTo(kept);
  }

  private void check(int step) {
    assertThat(fixture.log.logEndOffset()).as("step %d", step).isEqualTo(end());
    LogOffsets offsets = fixture.log.offsets();
    assertThat(offsets.flushed()).isLessThanOrEqualTo(end());
    for (int epochAsked = 0; epochAsked <= epoch; epochAsked++) {
      checkEpochEnd(epochAsked);
    }
    if (model.isEmpty()) {
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
    assertThat(fixture.log.endOf(asked).endOffset()).isEqualTo(expected);
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
      if (stored.timestamp() >= timestamp) {
        long first = stored.timestamp() - stored.count() + 1;
        expected = stored.base() + Math.max(0, timestamp - first);
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
