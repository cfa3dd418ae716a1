package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UnfinishedTopicsTest {
  private static final UUID FIRST = new UUID(0, 1);
  private static final UUID SECOND = new UUID(0, 2);

  private final ManualLoop loop = new ManualLoop();
  private final List<String> events = new ArrayList<>();
  private int piecesOfFirst = 1;

  private final UnfinishedTopics topics =
      new UnfinishedTopics(
          loop,
          loop::nowMs,
          (topicId, turnEndMs) -> {
            events.add("topic " + topicId.getLeastSignificantBits());
            return !topicId.equals(FIRST) || --piecesOfFirst <= 0;
          },
          () -> events.add("all in force"));

  @Test
  void allIsInForceOnlyWhenTheLastTurnIsOver() {
    piecesOfFirst = 3;
    topics.add(FIRST);
    topics.add(SECOND);
    topics.finish();
    assertThat(events).containsExactly("topic 1");

    loop.pass(1);
    assertThat(events).containsExactly("topic 1", "topic 1");

    loop.pass(1);
    assertThat(events).containsExactly("topic 1", "topic 1", "topic 1", "topic 2", "all in force");
  }

  @Test
  void whatLacksSpaceKeepsNobodyWaiting() {
    topics.awaitSpace(FIRST);
    topics.add(SECOND);
    topics.finish();
    assertThat(events).containsExactly("topic 2", "all in force");

    topics.retry();
    assertThat(events).endsWith("topic 1", "all in force");
  }

  @Test
  void afterTheEndNothingIsDone() {
    topics.add(FIRST);
    topics.close();
    topics.finish();
    assertThat(events).isEmpty();
  }
}
