package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.server.produce.AppendOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** ACK-3: per partition, and no further. */
class AnswerOrderTest {
  private static final UUID TOPIC = new UUID(1, 1);
  private static final AppendOutcome REFUSED =
      AppendOutcome.failed(ErrorCode.NOT_ENOUGH_REPLICAS, Outcome.REFUSED, "", null);

  private final List<Long> told = new ArrayList<>();
  private final AnswerOrder order = new AnswerOrder((id, bytes, outcome) -> told.add(id));

  private Consumer<AppendOutcome> came(int partition, long id) {
    return order.next(new TopicIdPartition(TOPIC, partition), id, 100);
  }

  @Test
  void aRefusalWaitsForTheAnswersBeforeItInItsPartitionAlone() {
    Consumer<AppendOutcome> first = came(0, 1);
    Consumer<AppendOutcome> second = came(0, 2);
    Consumer<AppendOutcome> third = came(0, 3);
    Consumer<AppendOutcome> elsewhere = came(1, 4);
    third.accept(REFUSED);
    elsewhere.accept(REFUSED);
    assertThat(told).containsExactly(4L);
    first.accept(REFUSED);
    assertThat(told).containsExactly(4L, 1L);
    second.accept(REFUSED);
    assertThat(told).containsExactly(4L, 1L, 2L, 3L);
    came(0, 5).accept(REFUSED);
    assertThat(told).endsWith(3L, 5L);
  }

  @Test
  void whateverIsKnownFirstEachPartitionIsToldInOrder() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<List<Long>> toldOf = List.of(list(), list(), list(), list());
      AnswerOrder any =
          new AnswerOrder((id, bytes, outcome) -> toldOf.get((int) (id % 4)).add(id / 4));
      List<Consumer<AppendOutcome>> open = new ArrayList<>();
      for (long i = 0; i < 30; i++) {
        int partition = random.nextInt(4);
        open.add(any.next(new TopicIdPartition(TOPIC, partition), 4 * i + partition, 100));
      }
      while (!open.isEmpty()) {
        open.remove(random.nextInt(open.size())).accept(REFUSED);
      }
      assertThat(toldOf.stream().mapToInt(List::size).sum()).isEqualTo(30);
      assertThat(toldOf).as("seed %s", seed).allSatisfy(ids -> assertThat(ids).isSorted());
    }
  }

  private static List<Long> list() {
    return new ArrayList<>();
  }
}
