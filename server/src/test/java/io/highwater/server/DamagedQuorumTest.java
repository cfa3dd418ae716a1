package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.replication.ratis.QuorumStorage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the metadata quorum keeps is gone or damaged: a named error, and nothing stays behind. */
class DamagedQuorumTest {
  @TempDir Path data;
  private final BrokerFixture fixture = new BrokerFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  @Timeout(30)
  void damagedStateOfTheQuorumIsNamedAndLetsGoOfTheDirectory() throws IOException {
    fixture.start(data).stop();
    Path meta = metaFile();
    byte[] sound = Files.readAllBytes(meta);
    Files.writeString(meta, "term=many\nvotedFor=1\n");
    assertThatThrownBy(() -> fixture.start(data))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("raft-meta");
    Files.write(meta, sound);
    fixture.start(data).stop();
  }

  @Test
  @Timeout(60)
  void aDamagedLogOfTheQuorumIsNamedAndPutAwayByTheOperatorsWord() throws IOException {
    HighwaterServer broker = fixture.start(data);
    broker.stop();
    Path log = metaFile().resolveSibling("log_inprogress_0");
    byte[] bytes = Files.readAllBytes(log);
    bytes[bytes.length / 2] ^= 0x40;
    Files.write(log, bytes);
    assertThatThrownBy(() -> fixture.start(data))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("is damaged")
        .hasMessageContaining("--accept-metadata-loss");

    new QuorumStorage(new FileStorage(), data, broker.clusterId()).acceptLoss();
    fixture.start(data).stop();
  }

  @Test
  @Timeout(60)
  void recordsOutliveTheLossOfAllMetadata() throws IOException {
    HighwaterServer broker = fixture.start(data);
    TestClient client = fixture.client(broker);
    TopicInfo topic = client.createTopic("t", 1, Map.of());
    client.produce(topic, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "precious"));
    broker.stop();
    List<String> segments = segments();
    assertThat(segments).anyMatch(segment -> segment.contains("precious"));
    deleteAll(data.resolve("__cluster_metadata"));

    assertThatThrownBy(() -> fixture.start(data))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("CTL-4")
        .hasMessageContaining("--accept-metadata-loss");
    assertThat(segments()).isEqualTo(segments);

    new QuorumStorage(new FileStorage(), data, broker.clusterId()).acceptLoss();
    HighwaterServer anew = fixture.start(data);
    TopicInfo another = fixture.client(anew).createTopic("t", 1, Map.of());
    assertThat(another.getTopicId()).isNotEqualTo(topic.getTopicId());
    fixture.client(anew).produce(another, Acks.ACKS_ALL, TestClient.batch(Codec.NONE, "new"));
    anew.stop();
    assertThat(segments()).containsAll(segments).anyMatch(segment -> segment.contains("new"));
    fixture.start(data).stop();
  }

  @Test
  @Timeout(30)
  void aMemberWhoseFilesAreLostIsNotTheOneItWasThoughItsFoldersAreThere() throws IOException {
    fixture.start(data).stop();
    Path current = metaFile().getParent();
    deleteAll(current);
    Files.createDirectory(current);

    assertThatThrownBy(() -> fixture.start(data))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("CTL-4");
  }

  @Test
  @Timeout(90)
  void aControllerWithAnEmptiedDirectoryIsNotTheMemberThatItWas() throws IOException {
    try (ThreeBrokers brokers = new ThreeBrokers(data, Map.of())) {
      brokers.start();
      brokers.broker(3).crash();
      deleteAll(brokers.directory(3));

      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> brokers.restart(3))
            .isInstanceOfSatisfying(
                HighwaterException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
            .hasMessageContaining("CTL-4: controller 3 was a member of the quorum");
      }

      new QuorumStorage(new FileStorage(), brokers.directory(3), "three").acceptLoss();
      brokers.restart(3);
    }
  }

  @Test
  @Timeout(60)
  void aDataDirectoryTakenAwayStopsTheBroker() throws IOException {
    HighwaterServer broker = fixture.start(data.resolve("here"));
    Files.move(data.resolve("here"), data.resolve("gone"));

    assertThatThrownBy(broker::awaitStopped)
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("was taken away");
  }

  /** What segments hold, wherever in the data directory they lie. */
  private List<String> segments() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<String> segments = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".log")).sorted().toList()) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        if (!content.isEmpty()) {
          segments.add(content);
        }
      }
      return segments;
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Path metaFile() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<Path> found = files.filter(file -> file.endsWith("raft-meta")).toList();
      return found.get(0);
    }
  }
}
