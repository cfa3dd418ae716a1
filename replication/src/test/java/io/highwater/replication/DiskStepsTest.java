package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Invariant;
import io.highwater.proto.InvariantViolation;
import io.highwater.proto.TopicPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiskStepsTest {
  private static final TopicPartition A = new TopicPartition("t", 0);
  private static final TopicPartition B = new TopicPartition("t", 1);

  private final ManualLoop loop = new ManualLoop();
  private final ArrayDeque<Runnable> disk = new ArrayDeque<>();
  private final List<String> events = new ArrayList<>();
  private long nowMs;
  private final DiskSteps steps = new DiskSteps(loop, disk::add, () -> nowMs);

  private void step(String name, TopicPartition... partitions) {
    steps.run(
        List.of(partitions),
        DiskSteps.Rank.SERVED,
        () -> {
          events.add(name);
          return name;
        },
        (result, failure) -> events.add(result + " told"));
  }

  private void work() {
    while (!disk.isEmpty()) {
      disk.poll().run();
      loop.turn();
    }
  }

  @Test
  void stepsOfOnePartitionRunOneAfterTheOtherThoseOfDifferentOnesSideBySide() {
    step("first", A);
    step("second", A);
    step("other", B);
    assertThat(disk).hasSize(2);
    assertThat(steps.isIdle(A)).isFalse();

    work();
    assertThat(events)
        .containsExactly("first", "first told", "other", "other told", "second", "second told");
    assertThat(steps.isIdle(A)).isTrue();
  }

  @Test
  void aStepOfSeveralPartitionsBeginsWhenItIsItsTurnInAllOfThem() {
    step("a", A);
    step("b", B);
    step("both", A, B);
    step("last", B);
    disk.poll().run();
    loop.turn();
    assertThat(disk).hasSize(1);

    work();
    assertThat(events)
        .containsExactly("a", "a told", "b", "b told", "both", "both told", "last", "last told");
  }

  @Test
  void onlySoManyAreOnTheDiskAtOnce() {
    for (int i = 0; i < 3 * DiskSteps.MAX_PARALLEL; i++) {
      step("step", new TopicPartition("t", i));
    }
    assertThat(disk).hasSize(DiskSteps.MAX_PARALLEL);
    work();
    assertThat(events).hasSize(6 * DiskSteps.MAX_PARALLEL);
  }

  @Test
  void whatIsNewOrGoesLeavesTheDiskToOthers() {
    for (int i = 0; i < 2 * DiskSteps.MAX_BEHIND; i++) {
      steps.run(
          List.of(new TopicPartition("new", i)),
          DiskSteps.Rank.BEHIND,
          () -> events.add("behind"),
          (result, failure) -> events.add("behind told"));
    }
    assertThat(disk).hasSize(DiskSteps.MAX_BEHIND);
    step("step", A);
    assertThat(disk).hasSize(DiskSteps.MAX_BEHIND + 1);
    disk.removeLast().run();
    loop.turn();
    assertThat(events).containsExactly("step", "step told");
    assertThat(disk).as("in its place no other begins").hasSize(DiskSteps.MAX_BEHIND);

    work();
    assertThat(events).hasSize(2 + 4 * DiskSteps.MAX_BEHIND);
  }

  @Test
  void withAllThatMayBeOnTheDiskNothingBehindBegins() {
    for (int i = 0; i < DiskSteps.MAX_PARALLEL; i++) {
      step("step", new TopicPartition("t", i));
    }
    steps.run(
        List.of(new TopicPartition("new", 0)),
        DiskSteps.Rank.BEHIND,
        () -> 0,
        (result, failure) -> {});
    assertThat(disk).hasSize(DiskSteps.MAX_PARALLEL);
  }

  @Test
  void theLoopHearsOfManyOutcomesInSeveralTurns() {
    for (int i = 0; i < 4; i++) {
      steps.run(new TopicPartition("t", i), () -> 0, (result, failure) -> nowMs += 10);
    }
    disk.forEach(Runnable::run);
    loop.turn();
    assertThat(nowMs).isEqualTo(10);
    loop.pass(1);
    assertThat(nowMs).isEqualTo(20);
    loop.pass(3);
    loop.pass(3);
    assertThat(nowMs).isEqualTo(40);
  }

  @Test
  void anOperatingErrorIsToldAndAFaultOfTheProgramIsTheLoops() {
    HighwaterException full = new HighwaterException(ErrorCode.STORAGE_FULL, "full");
    steps.run(
        A,
        () -> {
          throw full;
        },
        (result, failure) -> events.add(failure.getMessage()));
    work();
    assertThat(events).containsExactly("full");

    steps.run(
        A,
        () -> {
          Invariant.check(false, "broken");
          return null;
        },
        (result, failure) -> events.add("told"));
    assertThatThrownBy(this::work).isInstanceOf(InvariantViolation.class);
    step("next", A);
    work();
    assertThat(events).containsExactly("full", "next", "next told");
  }

  @Test
  void afterTheEndNothingBeginsAndItIsQuietWhenWhatRanIsDone() {
    step("runs", A);
    step("waits", A);
    steps.close();
    step("late", B);
    assertThat(steps.quiet()).isNotDone();
    work();
    assertThat(events).containsExactly("runs");
    assertThat(steps.quiet()).isDone();
  }
}
