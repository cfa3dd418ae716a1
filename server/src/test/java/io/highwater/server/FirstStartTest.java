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
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CTL-4: controllers with empty directories, for the first time or again. */
@Timeout(120)
class FirstStartTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  @TempDir Path root;
  private BrokerProcesses brokers;

  @BeforeEach
  void choosePorts() throws IOException {
    brokers = new BrokerProcesses(root, 3);
  }

  @AfterEach
  void close() {
    brokers.close();
  }

  @Test
  void aControllerWhoseDirectoryWasEmptiedWaitsAloneAndIsRefusedOnceTheOthersAreThere()
      throws IOException {
    brokers.startAll();
    try (Admin admin = brokers.admin()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(() -> admin.createTopic(new NewTopic("kept", 1, 3, Map.of())));
    }
    brokers.killAll();
    deleteAll(brokers.directory(2));
    int saidBefore = brokers.log(2).length();

    CompletableFuture<Void> emptied = brokers.start(2);
    awaitSaid(2, saidBefore, "waiting for controllers 1, 3 to form the quorum");
    assertThat(emptied).isNotDone();
    assertThat(isMember(2)).isFalse();

    CompletableFuture.allOf(brokers.start(1), brokers.start(3)).join();
    assertThatThrownBy(emptied::join)
        .hasMessageContaining("CTL-4: controller 2 was a member of the quorum");
    assertThat(isMember(2)).isFalse();
    try (Admin admin = brokers.admin()) {
      assertThat(admin.listTopics()).contains("kept");
    }

    new QuorumStorage(new FileStorage(), brokers.directory(2), "processes").acceptLoss();
    brokers.start(2).join();
    assertThat(isMember(2)).isTrue();
  }

  @Test
  void aNewClusterFormsWhenTheLastOfItsControllersIsUp() throws IOException {
    CompletableFuture<Void> first = brokers.start(1);
    awaitSaid(1, 0, "waiting for controllers 2, 3 to form the quorum");
    CompletableFuture<Void> second = brokers.start(2);
    awaitSaid(1, 0, "waiting for controllers 3 to form the quorum");
    awaitSaid(2, 0, "waiting for controllers 3 to form the quorum");
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();

    brokers.stop(2);
    assertThat(brokers.log(2)).contains("stopped while starting");
    second = brokers.start(2);
    assertThat(isMember(1)).isFalse();
    assertThat(isMember(2)).isFalse();

    CompletableFuture.allOf(first, second, brokers.start(3)).join();
    try (Admin admin = brokers.admin()) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> admin.describeCluster().brokers().size() == 3);
    }
  }

  /** Whether it has begun to keep what a member does: before, it cannot vote. */
  private boolean isMember(int node) throws IOException {
    try (Stream<Path> files = Files.walk(brokers.directory(node))) {
      return files.anyMatch(file -> file.endsWith("raft-meta"));
    }
  }

  private void awaitSaid(int node, int from, String words) {
    await().atMost(PATIENCE).until(() -> brokers.log(node).indexOf(words, from) >= 0);
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
