package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionDirectory;
import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.FetchRequest;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.PartitionInfo;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.RecordLossCause;
import io.highwater.proto.v1.RecordLossInfo;
import io.highwater.proto.v1.TopicInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker with several log directories (JBOD), one of which fails. */
class LogDirectoriesOfBrokerTest {
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path data;
  private final BrokerFixture fixture = new BrokerFixture();
  private Path first;
  private Path second;

  @BeforeEach
  void name() {
    first = data.resolve("first");
    second = data.resolve("second");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private HighwaterServer start() {
    return fixture.start(data, "log.dirs", first + "," + second);
  }

  /** A topic whose every partition holds its own number. */
  private TopicInfo filled(HighwaterServer broker) {
    TestClient client = fixture.client(broker);
    TopicInfo topic = client.createTopic("orders", PARTITIONS, Map.of());
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(produce(client, topic, i)).isEqualTo(ErrorCode.NONE);
    }
    return topic;
  }

  private static ErrorCode produce(TestClient client, TopicInfo topic, int partition) {
    ProduceAck ack =
        client.produce(
            Acks.ACKS_ALL,
            PartitionBatch.newBuilder()
                .setTopicId(topic.getTopicId())
                .setPartition(partition)
                .setRecords(TestClient.batch(Codec.NONE, "v" + partition)));
    return ErrorCode.of(ack.getErrorValue());
  }

  private static List<String> values(TestClient client, TopicInfo topic, int partition) {
    return TestClient.values(
        client
            .fetch()
            .fetch(
                FetchRequest.newBuilder()
                    .setMaxWaitMs(1_000)
                    .setMinBytes(1)
                    .addPositions(TestClient.position(topic, partition, 0))
                    .build())
            .getPartitions(0)
            .getRecords());
  }

  private static List<Integer> partitionsIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .flatMap(file -> PartitionDirectory.parse(file.getFileName().toString()).stream())
          .map(partition -> partition.partition())
          .sorted()
          .toList();
    }
  }

  private static void replaceByFile(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.sorted(Comparator.reverseOrder()).forEach(files::add);
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.writeString(directory, "no directory");
  }

  private static List<Integer> ledPartitions(TestClient client) {
    return client
        .metadata()
        .describeTopics(DescribeTopicsRequest.newBuilder().addTopics("orders").build())
        .getTopics(0)
        .getPartitionsList()
        .stream()
        .filter(partition -> partition.getLeaderId() > 0)
        .map(PartitionInfo::getPartition)
        .toList();
  }

  @Test
  void partitionsSpreadOverTheDirectoriesAndAreFoundAgainAfterACrash() throws IOException {
    HighwaterServer broker = start();
    filled(broker);
    broker.crash();
    assertThat(partitionsIn(first)).hasSize(2);
    assertThat(partitionsIn(second)).hasSize(2);

    TestClient client = fixture.client(start());
    TopicInfo topic =
        client
            .metadata()
            .describeTopics(DescribeTopicsRequest.newBuilder().addTopics("orders").build())
            .getTopics(0);
    // Until it leads again it says that it does not.
    for (int i = 0; i < PARTITIONS; i++) {
      int partition = i;
      assertThat(
              await()
                  .atMost(PATIENCE)
                  .until(
                      () -> produce(client, topic, partition),
                      answer -> answer != ErrorCode.NOT_LEADER_OR_FOLLOWER))
          .isEqualTo(ErrorCode.NONE);
    }
    assertThat(TestClient.values(client.fetch(topic, 0, 1_000).getRecords()))
        .containsExactly("v0", "v0");
  }

  @Test
  void aDirectoryThatCannotBeOpenedTakesOnlyItsPartitionsOffline() throws IOException {
    HighwaterServer broker = start();
    TopicInfo topic = filled(broker);
    broker.stop();
    List<Integer> sound = partitionsIn(first);
    List<Integer> lost = partitionsIn(second);
    replaceByFile(second);

    TestClient client = fixture.client(start());
    await().atMost(PATIENCE).until(() -> ledPartitions(client).equals(sound));
    for (int partition : sound) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.NONE);
    }
    for (int partition : lost) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
    // New partitions go where there is a disk.
    TopicInfo other = client.createTopic("other", 2, Map.of());
    assertThat(produce(client, other, 1)).isEqualTo(ErrorCode.NONE);
  }

  /** REC-7: also when a new directory stands in its place. */
  @Test
  void whatAMissingDirectoryHeldIsOfflineUntilItIsBack() throws IOException {
    HighwaterServer broker = start();
    TopicInfo topic = filled(broker);
    broker.stop();
    List<Integer> sound = partitionsIn(first);
    List<Integer> missing = partitionsIn(second);
    Path away = Files.move(second, data.resolve("away"));
    Files.createDirectory(second);

    HighwaterServer without = start();
    TestClient client = fixture.client(without);
    await().atMost(PATIENCE).until(() -> ledPartitions(client).equals(sound));
    for (int partition : missing) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
    assertThat(partitionsIn(second)).isEmpty();
    without.stop();
    Files.move(second, data.resolve("empty"));
    Files.move(away, second);

    TestClient again = fixture.client(start());
    await().atMost(PATIENCE).until(() -> ledPartitions(again).size() == PARTITIONS);
    for (int partition : missing) {
      assertThat(produce(again, topic, partition)).isEqualTo(ErrorCode.NONE);
      assertThat(values(again, topic, partition)).containsExactly("v" + partition, "v" + partition);
    }
    assertThat(losses(again)).as("nothing may be lost of what is back as it was left").isEmpty();
  }

  /** F1: its neighbours are as they were left, and only what is in it is doubtful. */
  @Test
  void anOlderCopyOfADirectoryMakesNoOtherDirectoryDoubtful() throws IOException {
    HighwaterServer broker = start();
    TopicInfo topic = filled(broker);
    broker.stop();
    Path older = data.resolve("older");
    copy(second, older);
    List<Integer> doubtful = partitionsIn(second);
    HighwaterServer newer = start();
    TestClient client = fixture.client(newer);
    await().atMost(PATIENCE).until(() -> ledPartitions(client).size() == PARTITIONS);
    for (int i = 0; i < PARTITIONS; i++) {
      assertThat(produce(client, topic, i)).isEqualTo(ErrorCode.NONE);
    }
    newer.stop();
    Files.move(second, data.resolve("newer"));
    Files.move(older, second);

    TestClient again = fixture.client(start());
    await().atMost(PATIENCE).until(() -> ledPartitions(again).size() == PARTITIONS);
    assertThat(losses(again))
        .extracting(RecordLossInfo::getPartition)
        .containsExactlyElementsOf(doubtful);
    for (int partition : partitionsIn(first)) {
      assertThat(values(again, topic, partition)).containsExactly("v" + partition, "v" + partition);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path file : tree.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  /** What counts as one. */
  private static List<RecordLossInfo> losses(TestClient client) {
    return client
        .metadata()
        .describeTopics(DescribeTopicsRequest.newBuilder().addTopics("orders").build())
        .getTopics(0)
        .getLossesList()
        .stream()
        .filter(loss -> loss.getCause() != RecordLossCause.RECORD_LOSS_CAUSE_ALL_KILLED)
        .toList();
  }

  @Test
  void whatADirectoryHeldThatWasGivenUpIsBegunAnew() throws IOException {
    HighwaterServer broker = start();
    TopicInfo topic = filled(broker);
    broker.stop();
    List<Integer> missing = partitionsIn(second);
    UUID lost = MetaProperties.read(new FileStorage(), second).orElseThrow().directoryId();
    Path away = Files.move(second, data.resolve("away"));
    LogDirectory.giveUp(first, new FileStorage(), List.of(lost));

    HighwaterServer anew = start();
    TestClient client = fixture.client(anew);
    await().atMost(PATIENCE).until(() -> ledPartitions(client).size() == PARTITIONS);
    for (int partition : missing) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.NONE);
    }
    anew.stop();

    TestClient again =
        fixture.client(fixture.start(data, "log.dirs", first + "," + second + "," + away));
    await().atMost(PATIENCE).until(() -> ledPartitions(again).size() == PARTITIONS);
    for (int partition : missing) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(values(again, topic, partition)).containsExactly("v" + partition));
    }
    assertThat(partitionsIn(away)).isEmpty();
    try (Stream<Path> files = Files.list(away)) {
      assertThat(files.filter(file -> file.toString().endsWith("-stray"))).hasSameSizeAs(missing);
    }
  }

  @Test
  void aDirectoryThatFailsTakesOnlyItsPartitionsOffline() throws IOException {
    HighwaterServer broker = start();
    TopicInfo topic = filled(broker);
    TestClient client = fixture.client(broker);
    List<Integer> sound = partitionsIn(first);
    List<Integer> lost = partitionsIn(second);
    replaceByFile(second);

    await().atMost(PATIENCE).until(() -> ledPartitions(client).equals(sound));
    for (int partition : sound) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.NONE);
    }
    for (int partition : lost) {
      assertThat(produce(client, topic, partition)).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR);
    }
  }

  @Test
  void whenTheLastDirectoryFailedTheBrokerStops() throws IOException {
    Path metadata = data.resolve("metadata");
    HighwaterServer broker =
        fixture.start(
            data, "log.dirs", first + "," + second, "metadata.log.dir", metadata.toString());
    filled(broker);
    replaceByFile(first);
    replaceByFile(second);

    assertThatThrownBy(broker::awaitStopped)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR));
  }

  @Test
  void aNewDirectoryForTheMetadataLogIsRefusedWhileAnotherHoldsIt() {
    start().stop();

    assertThatThrownBy(() -> fixture.start(data, "log.dirs", data.resolve("new") + "," + first))
        .isInstanceOf(HighwaterException.class)
        .hasMessageContainingAll("new has no metadata log", "metadata.log.dir");
    fixture.start(
        data,
        "log.dirs",
        data.resolve("new") + "," + first + "," + second,
        "metadata.log.dir",
        first.toString());
  }
}
