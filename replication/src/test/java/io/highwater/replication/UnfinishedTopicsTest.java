package io.highwater.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class UnfinishedTopicsTest {
  private static final UUID FIRST = new UUID(0, 1);
  private static final UUID SECOND = new UUID(0, 2);

  private static final TopicIdPartition PARTITION = new TopicIdPartition(FIRST, 0);

  private final ManualLoop loop = new ManualLoop();
  private final List<String> events = new ArrayList<>();
  private final List<Integer> begun = new ArrayList<>();
  private int piecesOfFirst = 1;
  private UUID addedMeanwhile;

  private final UnfinishedTopics topics =
      new UnfinishedTopics(
          loop,
          loop::nowMs,
          (topicId, from, turnEndMs) -> {
            events.add("topic " + topicId.getLeastSignificantBits());
            begun.add(from);
            if (addedMeanwhile != null) {
              this.topics.add(addedMeanwhile);
              addedMeanwhile = null;
            }
            return topicId.equals(FIRST) && --piecesOfFirst > 0 ? from + 10 : UnfinishedTopics.DONE;
          },
          index -> events.add("in force " + index));

  @Test
  void allIsInForceOnlyWhenTheLastTurnIsOver() {
    topics.onImage(7);
    piecesOfFirst = 3;
    topics.add(FIRST);
    topics.add(SECOND);
    topics.finish();
    assertThat(events).containsExactly("topic 1");

    loop.pass(1);
    assertThat(events).containsExactly("topic 1", "topic 1");

    loop.pass(1);
    assertThat(events).containsExactly("topic 1", "topic 1", "topic 1", "topic 2", "in force 7");
  }

  @Test
  void aTurnGoesOnWhereTheLastOneEndedUnlessSomethingWasAdded() {
    piecesOfFirst = 5;
    topics.add(FIRST);
    topics.add(SECOND);
    topics.finish();
    loop.pass(1);
    topics.add(SECOND);
    loop.pass(1);
    topics.add(FIRST);
    loop.pass(1);
    loop.pass(1);
    assertThat(begun).containsExactly(0, 10, 20, 0, 10, 0);
    assertThat(events).endsWith("topic 1", "topic 2").hasSize(6);
  }

  @Test
  void whatIsAddedDuringTheLastTurnIsDone() {
    piecesOfFirst = 1;
    addedMeanwhile = FIRST;
    topics.add(FIRST);
    topics.finish();
    loop.pass(1);
    assertThat(begun).containsExactly(0, 0);
  }

  @Test
  void whatLacksSpaceKeepsNobodyWaiting() {
    topics.onImage(7);
    topics.awaitSpace(PARTITION);
    topics.add(SECOND);
    topics.finish();
    assertThat(events).containsExactly("topic 2", "in force 7");

    topics.retry();
    assertThat(events).endsWith("topic 1");
  }

  @Test
  void anImageIsInForceWhenNothingOfItWaitsForTheDiskWhateverCameLater() {
    topics.onImage(7);
    topics.add(FIRST);
    topics.waits(PARTITION);
    topics.finish();
    assertThat(events).containsExactly("topic 1", "in force 6");

    topics.onImage(9);
    topics.add(SECOND);
    topics.waits(new TopicIdPartition(SECOND, 0));
    topics.waitsNoMore(PARTITION);
    assertThat(events).endsWith("in force 8");
    topics.finish();
    topics.waitsNoMore(new TopicIdPartition(SECOND, 0));
    assertThat(events).endsWith("topic 2", "in force 9");
  }

  @Test
  void afterTheEndNothingIsDone() {
    topics.add(FIRST);
    topics.close();
    topics.finish();
    assertThat(events).isEmpty();
  }
}
