package io.highwater.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogFixture;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

class ProducerStateModelTest {
  /** IDM-3, REC-4: a log that crashed, restarted or was cut judges as one that never was. */
  @Property(tries = 150, shrinking = ShrinkingMode.OFF)
  void theStateEqualsThatOfALogThatNeverRestarted(@ForAll long seed) {
    Random random = new Random(seed);
    LogFixture fixture = new LogFixture().open();
    List<ByteBuffer> appended = new ArrayList<>();
    int[] next = new int[4];
    for (int step = 0; step < 80; step++) {
      switch (random.nextInt(14)) {
        case 0 -> fixture.reopenCleanly();
        case 1 -> fixture.reopenAfterKill();
        case 2 -> {
          fixture.log.truncateTo(random.nextInt((int) fixture.log.logEndOffset() + 1));
          appended.subList((int) fixture.log.logEndOffset(), appended.size()).clear();
          next = nextSequences(replayed(appended));
        }
        case 3 -> {
          fixture.log.flush();
          fixture.checkpoint();
        }
        default -> {
          int producer = random.nextInt(next.length);
          ByteBuffer batch = Batches.produced(producer, 0, next[producer]++, "s" + step);
          appended.add(Batches.stamped(batch, fixture.append(batch.duplicate()).baseOffset(), 0));
        }
      }
      assertThat(fixture.log.producers().all())
          .as("step %d", step)
          .hasToString(replayed(appended).log.producers().all().toString());
    }
  }

  private static LogFixture replayed(List<ByteBuffer> batches) {
    LogFixture untouched = new LogFixture().open();
    for (ByteBuffer batch : batches) {
      untouched.log.appendAsFollower(batch.duplicate(), untouched.log.logEndOffset(), 0);
    }
    return untouched;
  }

  private static int[] nextSequences(LogFixture of) {
    int[] next = new int[4];
    for (ProducerState state : of.log.producers().all()) {
      next[(int) state.producerId()] = state.nextSequence();
    }
    return next;
  }
}
