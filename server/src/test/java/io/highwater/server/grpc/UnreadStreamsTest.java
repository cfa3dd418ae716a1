package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.ManualLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** INP-1: who lets the transport fill up with what no service reads. */
class UnreadStreamsTest {
  private static final long MAX = 100;

  private final ManualLoop loop = new ManualLoop();
  private final List<String> turnedOut = new ArrayList<>();
  private long alsoHeld;
  private final UnreadStreams streams = new UnreadStreams(MAX, () -> alsoHeld, loop);

  @Test
  void whoHasMostIsEndedUntilTheRestFits() {
    stream("little", 30).reading(false);
    stream("most", 90).reading(false);
    stream("more", 60).reading(false);

    sweep();

    assertThat(turnedOut).containsExactly("most");
  }

  @Test
  void nobodyIsEndedWhileAllFits() {
    stream("a", 40).reading(false);
    stream("b", 60).reading(false);

    sweep();

    assertThat(turnedOut).isEmpty();
  }

  @Test
  void whatOthersHoldCountsAndIsNotTheirsToEnd() {
    stream("a", 10).reading(false);
    stream("nothing", 0).reading(false);
    alsoHeld = MAX + 1;

    sweep();

    assertThat(turnedOut).containsExactly("a");
  }

  @Test
  void aConnectionCountsAsLongAsAnyOfItsStreamsIsNotReadFrom() {
    UnreadStreams.Connection connection = connection("a", MAX + 1);
    UnreadStreams.Stream first = connection.begin();
    UnreadStreams.Stream second = connection.begin();
    first.reading(false);
    first.reading(false);
    second.reading(false);
    first.reading(true);

    sweep();
    assertThat(turnedOut).containsExactly("a");

    second.reading(true);
    sweep();
    sweep();
    assertThat(turnedOut).containsExactly("a");
  }

  @Test
  void whatBeginsToBeUnreadLaterIsFoundToo() {
    UnreadStreams.Stream stream = stream("a", MAX + 1);
    stream.reading(false);
    stream.reading(true);
    sweep();
    sweep();
    assertThat(turnedOut).isEmpty();

    stream.reading(false);
    sweep();
    assertThat(turnedOut).containsExactly("a");
  }

  @Test
  void whoIsNotReadFromIsLookedAtAgainAndAgain() {
    stream("a", MAX).reading(false);
    sweep();
    sweep();
    assertThat(turnedOut).isEmpty();

    alsoHeld = 1;
    sweep();
    assertThat(turnedOut).containsExactly("a");
  }

  @Test
  void aStreamTakesASmallPartOfTheMemoryWithinBounds() {
    assertThat(new UnreadStreams(0, () -> 0, loop).windowBytes()).isEqualTo(1 << 20);
    assertThat(new UnreadStreams(256 << 20, () -> 0, loop).windowBytes()).isEqualTo(4 << 20);
    assertThat(new UnreadStreams(Long.MAX_VALUE, () -> 0, loop).windowBytes()).isEqualTo(16 << 20);
  }

  private void sweep() {
    loop.pass(UnreadStreams.SWEEP_MS);
  }

  private UnreadStreams.Stream stream(String name, long unreadBytes) {
    return connection(name, unreadBytes).begin();
  }

  private UnreadStreams.Connection connection(String name, long unreadBytes) {
    return streams.connect(() -> unreadBytes, () -> turnedOut.add(name));
  }
}
