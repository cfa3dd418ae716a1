package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.PublishStreamRequest;
import io.highwater.proto.v1.PublishStreamResponse;
import io.highwater.proto.v1.Record;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.pubsub.PublishHandler;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** INP-1: what of a stream is read, and when its answers go out. */
class PublishStreamTest {
  private static final int READY_FOR = 4;
  private static final int MANY = 10_000;
  private static final int FEW = 10;

  private final SlowClient<PublishStreamResponse> client = new SlowClient<>(READY_FOR);
  private final ArrayDeque<Consumer<AppendOutcome>> underWay = new ArrayDeque<>();
  private final PublishStream stream;

  PublishStreamTest() {
    ClusterState cluster = new ClusterState(ClusterImage.EMPTY);
    List<MetadataCommand> commands =
        List.of(
            new MetadataCommand.FormatCluster("test"),
            new MetadataCommand.RegisterBroker(
                1, new UUID(1, 1), new UUID(1, 0), -1, -1, Map.of(), "test"),
            new MetadataCommand.CreateTopic(
                "orders",
                new UUID(7, 7),
                List.of(List.of(1)),
                Map.of("max.message.bytes", "10000000")));
    commands.forEach(command -> cluster.apply(cluster.image().index() + 1, command));
    TopicCatalog catalog = new TopicCatalog();
    catalog.apply(cluster.image());
    PublishHandler handler =
        new PublishHandler(catalog, (request, records, answer) -> underWay.add(answer), () -> 1);
    stream = new PublishStream(handler, client);
    client.readAll();
  }

  private void publish(String topic, int valueBytes) {
    stream.onNext(
        PublishStreamRequest.newBuilder()
            .setPublish(
                PublishRequest.newBuilder()
                    .setTopic(topic)
                    .addRecords(
                        Record.newBuilder().setValue(ByteString.copyFrom(new byte[valueBytes]))))
            .build());
  }

  /** Publishes as long as the stream reads. */
  private int publishAll(int valueBytes, int atMost) {
    int count = 0;
    while (count < atMost && client.takesOne()) {
      publish("orders", valueBytes);
      count++;
    }
    return count;
  }

  private static void refuse(Consumer<AppendOutcome> publication, String text) {
    publication.accept(
        AppendOutcome.failed(ErrorCode.NOT_ENOUGH_REPLICAS, Outcome.REFUSED, text, null));
  }

  private List<String> told() {
    return client.sent().stream()
        .map(answer -> answer.getPublished().getReceipts(0).getErrorMessage())
        .toList();
  }

  @Test
  void noMoreIsReadWhileAWindowOfPublicationsIsUnderWay() {
    int half = PublishStream.WINDOW_BYTES / 2;
    assertThat(publishAll(half, FEW)).isEqualTo(2);

    refuse(underWay.remove(), "1");
    assertThat(publishAll(half, FEW)).isOne();
  }

  @Test
  void aSmallPublicationCountsForWhatItTakesBesideItsBytes() {
    assertThat(publishAll(1, MANY)).isBetween(500, 2_000);
  }

  @Test
  void noMoreIsReadWhileAnswersAreNotRead() {
    for (int i = 0; i < READY_FOR; i++) {
      assertThat(client.takesOne()).isTrue();
      publish("orders", 1);
      refuse(underWay.remove(), String.valueOf(i));
    }
    // One was asked for before the last answer went out.
    assertThat(publishAll(1, MANY)).isOne();
    refuse(underWay.remove(), "unread");
    assertThat(told()).hasSize(READY_FOR).doesNotContain("unread");
    assertThat(publishAll(1, MANY)).isZero();

    client.readAll();
    assertThat(told()).endsWith("unread");
    assertThat(publishAll(1, MANY)).isPositive();
  }

  @Test
  void answersGoOutInTheOrderOfThePublications() {
    publish("orders", 1);
    publish("orders", 1);
    Consumer<AppendOutcome> first = underWay.remove();
    refuse(underWay.remove(), "second");
    assertThat(told()).isEmpty();

    refuse(first, "first");
    assertThat(told()).containsExactly("first", "second");
  }

  @Test
  void aFailureEndsTheStreamBehindTheAnswersBeforeIt() {
    assertThat(client.takesOne()).isTrue();
    publish("orders", 1);
    assertThat(client.takesOne()).isTrue();
    publish("absent", 1);
    assertThat(client.failure()).isNull();
    assertThat(client.takesOne()).isFalse();

    refuse(underWay.remove(), "first");
    assertThat(told()).containsExactly("first");
    assertThat(client.failure()).hasMessageContaining("absent");
    publish("orders", 1);
    assertThat(underWay).isEmpty();
  }

  @Test
  void theStreamIsCompleteWhenAllIsAnswered() {
    publish("orders", 1);
    stream.onCompleted();
    assertThat(client.isComplete()).isFalse();

    refuse(underWay.remove(), "first");
    assertThat(told()).containsExactly("first");
    assertThat(client.isComplete()).isTrue();
  }

  @Test
  void aClientThatIsGoneIsToldNothing() {
    publish("orders", 1);
    stream.onError(new IllegalStateException("gone"));
    refuse(underWay.remove(), "first");
    publish("orders", 1);

    assertThat(client.sent()).isEmpty();
    assertThat(underWay).isEmpty();
  }
}
