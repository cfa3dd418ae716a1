package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.log.io.FileStorage;
import io.highwater.replication.ratis.QuorumStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CTL-4: a controller comes back with files from before, in processes of its own. */
@Timeout(180)
class RolledBackQuorumTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String MEMORY = "quorum-progress-checkpoint";
  private static final int ROLLED_BACK = 3;

  @TempDir Path root;
  private BrokerProcesses brokers;
  private Admin admin;
  private int topics;

  @BeforeEach
  void start() throws IOException {
    brokers = new BrokerProcesses(root, 3);
    brokers.startAll();
    admin = brokers.admin();
  }

  @AfterEach
  void close() {
    admin.close();
    brokers.close();
  }

  private void createTopic() {
    admin.createTopic(new NewTopic("t" + topics++, 1, 2, Map.of()));
  }

  private Path data() {
    return brokers.directory(ROLLED_BACK);
  }

  /** The entry up to which a broker remembers the member that is rolled back. */
  private long remembered(int node) throws IOException {
    Path file = brokers.directory(node).resolve(MEMORY);
    if (!Files.exists(file)) {
      return -1;
    }
    String member =
        Files.readString(file)
            .lines()
            .filter(line -> line.startsWith(ROLLED_BACK + " "))
            .findFirst()
            .orElse(" -1");
    return Long.parseLong(member.substring(member.lastIndexOf(' ') + 1));
  }

  /** Goes on until both others remember more of the member than they do now. */
  private void goOn() throws IOException {
    long one = remembered(1);
    long two = remembered(2);
    createTopic();
    await().atMost(PATIENCE).until(() -> remembered(1) > one && remembered(2) > two);
  }

  private void assertRefused() {
    assertThatThrownBy(() -> brokers.start(ROLLED_BACK).join());
    assertThat(brokers.log(ROLLED_BACK)).contains("CTL-4").contains("--accept-metadata-loss");
  }

  @Test
  void anOlderCopyOfTheMetadataIsRefusedByTheDirectoryItself() throws IOException {
    goOn();
    Path metadata = data().resolve("__cluster_metadata");
    brokers.kill(ROLLED_BACK);
    copy(metadata, root.resolve("older"));
    brokers.start(ROLLED_BACK).join();
    goOn();
    brokers.killAll();
    copy(metadata, root.resolve("newest"));
    replace(metadata, "older");

    assertRefused();
    replace(metadata, "newest");
    brokers.startAll();
  }

  @Test
  void anOlderCopyOfTheWholeDirectoryIsRefusedByWhatTheOthersRemember() throws IOException {
    goOn();
    brokers.kill(ROLLED_BACK);
    copy(data(), root.resolve("older"));
    brokers.start(ROLLED_BACK).join();
    goOn();
    brokers.kill(ROLLED_BACK);
    replace(data(), "older");

    assertRefused();
    // What the others said stays known.
    brokers.killAll();
    assertRefused();

    new QuorumStorage(new FileStorage(), data(), "processes").acceptLoss();
    brokers.startAll();
    goOn();
    brokers.kill(ROLLED_BACK);
    createTopic();
    brokers.start(ROLLED_BACK).join();
  }

  @Test
  void anOlderCopyIsFoundOutWhenTheOthersComeLater() throws IOException {
    goOn();
    brokers.kill(ROLLED_BACK);
    copy(data(), root.resolve("older"));
    brokers.start(ROLLED_BACK).join();
    goOn();
    brokers.killAll();
    replace(data(), "older");

    var unused = brokers.start(ROLLED_BACK);
    await().atMost(PATIENCE).until(() -> Files.exists(data().resolve(".lock")));
    var one = brokers.start(1);
    var two = brokers.start(2);
    one.join();
    two.join();
    await().atMost(PATIENCE).until(() -> brokers.log(ROLLED_BACK).contains("CTL-4"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(brokers.log(ROLLED_BACK).lines())
                    .as("it ends with what can be done")
                    .anyMatch(
                        line ->
                            line.startsWith("highwater: KAFKA_STORAGE_ERROR: CTL-4")
                                && line.contains("--accept-metadata-loss")));
  }

  @Test
  void whoeverWasKilledAtWorkIsNeverRefused() {
    for (int i = 0; i < 5; i++) {
      createTopic();
    }
    brokers.killAll();
    brokers.startAll();
    createTopic();
    brokers.kill(ROLLED_BACK);
    createTopic();
    brokers.start(ROLLED_BACK).join();
  }

  private void replace(Path directory, String copy) throws IOException {
    new FileStorage().deleteTree(directory);
    copy(root.resolve(copy), directory);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }
}
