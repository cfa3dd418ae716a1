package io.highwater.server.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReaderMemoryTest {
  private static final int MAX = 1 << 20;

  private final ManualLoop loop = new ManualLoop();
  private final ReaderMemory memory = new ReaderMemory(MAX, loop);
  private final List<String> woken = new ArrayList<>();

  @Test
  void aReaderGetsBetweenTheLeastAndTheMostItAsksFor() {
    ReaderMemory.Reader reader = open(connect(memory, "a"), "r");

    assertThat(reader.take(10, 1_000)).isEqualTo(1_000);
    assertThat(reader.take(10, MAX)).isBetween(10, memory.maxTake());
    assertThat(memory.heldBytes()).isLessThanOrEqualTo(MAX / 2);
  }

  @Test
  void whoWaitedIsWokenOnceOthersGaveBack() {
    ReaderMemory.Connection connection = connect(memory, "a");
    ReaderMemory.Reader first = open(connection, "first");
    ReaderMemory.Reader second = open(connection, "second");
    int taken = first.take(MAX / 4, MAX / 4);

    assertThat(second.take(MAX / 5, MAX / 5)).isZero();
    assertThat(second.isWaiting()).isTrue();
    loop.turn();
    assertThat(woken).isEmpty();

    first.hold(-taken);
    loop.turn();
    assertThat(woken).containsExactly("second");
    assertThat(second.take(MAX / 5, MAX / 5)).isEqualTo(MAX / 5);
  }

  @Test
  void theNewestOfAConnectionWaitsBehindTheOthers() {
    ReaderMemory.Connection connection = connect(memory, "a");
    ReaderMemory.Reader first = open(connection, "first");
    ReaderMemory.Reader second = open(connection, "second");
    ReaderMemory.Reader third = open(connection, "third");
    int taken = first.take(MAX / 4, MAX / 4);
    assertThat(second.take(MAX / 8, MAX / 8)).isZero();
    assertThat(third.take(1, 1)).isZero();

    first.hold(-taken);
    loop.turn();

    assertThat(woken).containsExactly("second", "third");
  }

  /** Else each of two that wait for room would see the other, and wait again. */
  @Test
  void whoHasItsTurnTakesRoomThoughOthersWait() {
    ReaderMemory.Connection connection = connect(memory, "a");
    ReaderMemory.Reader holder = open(connection, "holder");
    ReaderMemory.Reader first = open(connection, "first");
    ReaderMemory.Reader second = open(connection, "second");
    int most = MAX / 2 - MAX / 8;
    int taken = holder.take(MAX / 4, MAX / 4);
    assertThat(first.take(MAX / 8, MAX / 8)).isZero();
    assertThat(second.take(most, most)).isZero();
    holder.hold(1_000 - taken);
    loop.turn();
    assertThat(woken).containsExactly("first");

    assertThat(first.take(most, most)).as("there is a little less").isZero();
    holder.hold(-1_000);
    loop.turn();
    assertThat(woken).as("in its old place").containsExactly("first", "first", "second");
    assertThat(first.take(most, most)).isEqualTo(most);
    assertThat(second.take(most, most)).isZero();
  }

  @Test
  void whoIsGoneKeepsNobodyWaiting() {
    ReaderMemory.Connection connection = connect(memory, "a");
    open(connect(memory, "b"), "holder").take(MAX / 4, MAX / 4);
    int most = MAX / 2 - MAX / 8;
    ReaderMemory.Reader small = open(connection, "small");
    ReaderMemory.Reader gone = open(connection, "gone");
    open(connect(memory, "a"), "other").take(MAX / 4, MAX / 4);
    assertThat(gone.take(most, most)).isZero();
    assertThat(small.take(1_000, 1_000)).as("behind it").isZero();

    gone.close();
    loop.turn();
    assertThat(woken).containsExactly("small");
    ReaderMemory.Reader next = open(connection, "next");
    assertThat(next.take(1_000, 1_000)).isEqualTo(1_000);
  }

  @Test
  void whatIsUnderWayGetsMoreThoughOthersWait() {
    ReaderMemory.Connection connection = connect(memory, "a");
    ReaderMemory.Reader first = open(connection, "first");
    assertThat(first.take(1_000, 1_000)).isEqualTo(1_000);
    assertThat(open(connection, "second").take(MAX / 2, MAX / 2)).isZero();

    assertThat(first.takeMore(2_000)).isTrue();
    assertThat(memory.heldBytes()).isEqualTo(3_000);
    assertThat(first.takeMore(MAX / 2)).isFalse();
    assertThat(first.isWaiting()).isFalse();
  }

  /** INP-1: those that hold what they never read. */
  @Test
  void whoReadsFindsRoomBesideMany() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    for (int i = 0; i < 60; i++) {
      ReaderMemory.Connection flood = connect(large, "same");
      for (int stream = 0; stream < 100; stream++) {
        open(flood, "never").take(1, 1 << 16);
      }
    }
    assertThat(large.heldBytes()).isLessThan(32L << 20);

    ReaderMemory.Reader reader = open(connect(large, "same"), "reader");
    for (int i = 0; i < 100; i++) {
      int taken = reader.take(1 << 16, 1 << 16);
      assertThat(taken).isEqualTo(1 << 16);
      reader.hold(-taken);
    }
  }

  @Test
  void whoTakesNothingIsTurnedOutWhileOthersWaitForWhatItHolds() {
    int slow = 0;
    while (slowReader().take(10_000, 30_000) > 0) {
      slow++;
    }
    assertThat(slow).isGreaterThan(10);

    for (int second = 0; second < ReaderMemory.PATIENCE_SECONDS; second++) {
      assertThat(woken).isEmpty();
      loop.pass(1_000);
    }

    // No more of them than is needed.
    assertThat(woken).containsExactly("turned out", "room");
  }

  @Test
  void aConnectionMayHoldMoreThanItsPartWhileOthersNeedNothing() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    ReaderMemory.Connection alone = connect(large, "a");
    while (open(alone, "unread").take(1 << 16, 1 << 16) > 0) {}
    assertThat(large.heldBytes()).isBetween(6L << 20, 8L << 20);

    for (int i = 0; i < 100; i++) {
      open(connect(large, "b" + i % 2), "others").take(1 << 20, 1 << 20);
    }
    ReaderMemory.Connection late = connect(large, "c");
    while (open(late, "unread").take(1 << 10, 1 << 10) > 0) {}
    assertThat(open(alone, "more").take(1, 1)).isZero();
  }

  /** Unread calls must not keep the others of their connection waiting for good. */
  @Test
  void callsThatTakeNothingAreTurnedOutWhileOthersOfTheirConnectionWait() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    ReaderMemory.Connection connection = connect(large, "a");
    ReaderMemory.Reader reads = open(connection, "reads");
    assertThat(reads.take(1 << 20, 1 << 20)).isEqualTo(1 << 20);
    open(connection, "little").take(1 << 10, 1 << 10);
    while (open(connection, "unread").take(2 << 20, 2 << 20) > 0) {}

    // What waits is the last of them.
    for (int second = 0; second < ReaderMemory.PATIENCE_SECONDS; second++) {
      assertThat(woken).isEmpty();
      reads.hold(-1);
      loop.pass(1_000);
    }
    assertThat(woken).as("no more than needed").containsExactly("unread turned out", "unread");
  }

  @Test
  void nobodyIsTurnedOutWhileNobodyWaits() {
    ReaderMemory.Connection connection = connect(memory, "a");
    open(connection, "unread").take(MAX / 8, MAX / 8);
    ReaderMemory.Reader waits = open(connection, "waits");
    assertThat(waits.take(MAX / 8, MAX / 8)).isZero();
    waits.close();

    for (int second = 0; second < 3 * ReaderMemory.PATIENCE_SECONDS; second++) {
      loop.pass(1_000);
    }
    assertThat(woken).isEmpty();
  }

  /** One call that reads does not protect what the others of its connection hold. */
  @Test
  void unreadCallsBesideOneThatReadsAreTurnedOutWhileOtherConnectionsWait() {
    List<ReaderMemory.Reader> reading = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ReaderMemory.Connection connection = connect(memory, "a");
      reading.add(open(connection, "reads"));
      reading.get(i).take(100, 100);
      open(connection, "unread").take(10_000, 10_000);
    }
    ReaderMemory.Connection other = connect(memory, "a");
    assertThat(open(other, "other").take(200_000, 200_000)).isZero();

    for (int second = 0; second < ReaderMemory.PATIENCE_SECONDS; second++) {
      assertThat(woken).isEmpty();
      reading.forEach(reader -> reader.hold(-1));
      loop.pass(1_000);
    }
    assertThat(woken).contains("unread turned out").doesNotContain("reads turned out");
    assertThat(woken).last().isEqualTo("other");
  }

  private ReaderMemory.Reader slowReader() {
    List<ReaderMemory.Reader> self = new ArrayList<>();
    ReaderMemory.Connection connection =
        memory.connect(
            "a",
            () -> {
              woken.add("turned out");
              self.get(0).close();
            });
    self.add(connection.call(() -> woken.add("call")).open(() -> woken.add("room")));
    return self.get(0);
  }

  @Test
  void aConnectionThatLeavesAnswersIsToldSoAndOthersAreNot() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    ReaderMemory.Connection connection = connect(large, "a");
    int answers = 0;
    while (connection.answers().take(1 << 16)) {
      answers++;
    }
    assertThat(answers).isBetween(32, 64);
    assertThat(connection.leavesAnswers()).isTrue();

    ReaderMemory.Answers other = connect(large, "a").answers();
    assertThat(other.take(1 << 20)).isTrue();
    other.giveBack();
    assertThat(large.heldBytes()).isEqualTo((long) answers << 16);
  }

  /** What a connection's streams of records hold is no reason to refuse it an answer. */
  @Test
  void whoReadsRecordsSlowlyIsAnswered() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    ReaderMemory.Connection connection = connect(large, "a");
    while (open(connection, "slow").take(1, 1 << 20) > 0) {}

    assertThat(connection.leavesAnswers()).isFalse();
    assertThat(connection.answers().take(1 << 20)).isTrue();
  }

  @Test
  void whoReadsNoAnswersIsTurnedOutWhileOthersAreRefusedForIt() {
    ReaderMemory large = new ReaderMemory(64L << 20, loop);
    List<ReaderMemory.Answers> left = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int flood = i;
      ReaderMemory.Connection connection =
          large.connect(
              "a",
              () -> {
                woken.add("turned out");
                left.get(flood).giveBack();
              });
      left.add(connection.answers());
      left.get(flood).take(1 << 20);
    }
    ReaderMemory.Answers other = connect(large, "a").answers();
    assertThat(other.take(1 << 20)).isFalse();
    assertThat(other.take(1 << 16)).isTrue();
    other.giveBack();

    for (int second = 0; second < ReaderMemory.PATIENCE_SECONDS; second++) {
      assertThat(woken).isEmpty();
      loop.pass(1_000);
    }

    assertThat(woken).isNotEmpty().hasSizeLessThan(10);
    assertThat(other.take(1 << 20)).isTrue();
  }

  @Test
  void anAddressHoldsAtMostHalf() {
    for (int i = 0; i < 100; i++) {
      open(connect(memory, "a"), "r").take(1, MAX);
    }
    assertThat(memory.heldBytes()).isLessThanOrEqualTo(MAX / 2);
    assertThat(open(connect(memory, "b"), "r").take(1, MAX)).isGreaterThan(MAX / 5);
  }

  @Test
  void aClosedReaderHoldsNothingAndIsNotWoken() {
    ReaderMemory.Connection connection = connect(memory, "a");
    ReaderMemory.Reader first = open(connection, "first");
    ReaderMemory.Reader second = open(connection, "second");
    first.take(MAX / 4, MAX / 4);
    assertThat(second.take(MAX / 4, MAX / 4)).isZero();

    second.close();
    first.close();
    first.hold(-1);
    loop.turn();

    assertThat(memory.heldBytes()).isZero();
    assertThat(woken).isEmpty();
  }

  private static ReaderMemory.Connection connect(ReaderMemory memory, String address) {
    return memory.connect(address, () -> {});
  }

  private ReaderMemory.Reader open(ReaderMemory.Connection connection, String name) {
    List<ReaderMemory.Reader> self = new ArrayList<>();
    ReaderMemory.Call call =
        connection.call(
            () -> {
              woken.add(name + " turned out");
              self.get(0).close();
            });
    self.add(call.open(() -> woken.add(name)));
    return self.get(0);
  }
}
