package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.QuorumFormation;
import io.highwater.replication.control.QuorumFormation.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CTL-4: controllers that are no members yet, and members, on loopback. */
@Timeout(60)
class FirstContactTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int EMPTY = 3;

  @TempDir Path directory;
  private final SortedMap<Integer, Endpoint> voters = new TreeMap<>();

  @BeforeEach
  void findPorts() throws IOException {
    List<ServerSocket> reserved = new ArrayList<>();
    for (int id = 1; id <= EMPTY; id++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      reserved.add(socket);
      voters.put(id, new Endpoint("127.0.0.1", socket.getLocalPort()));
    }
    for (ServerSocket socket : reserved) {
      socket.close();
    }
  }

  private QuorumConfig config(int id) {
    return new QuorumConfig(
        id,
        "cluster",
        directory.resolve(Integer.toString(id)),
        voters,
        "127.0.0.1",
        300,
        10_000,
        1_000);
  }

  private RatisMetadataLog member(int id) throws IOException {
    return TestMember.open(config(id));
  }

  private static void awaitAnswers(FirstContact asking, Map<Integer, Answer> expected) {
    await().atMost(PATIENCE).until(() -> asking.ask().join().equals(expected));
  }

  @Test
  void whoIsThereAndHasNothingSaysSoAndKeepsNothing() throws IOException {
    try (FirstContact asking = FirstContact.open(config(EMPTY))) {
      assertThat(asking.ask().join()).isEmpty();
      try (FirstContact other = FirstContact.open(config(1))) {
        awaitAnswers(asking, Map.of(1, Answer.NOTHING));
        awaitAnswers(other, Map.of(EMPTY, Answer.NOTHING));
      }
      try (RatisMetadataLog lonely = member(1)) {
        awaitAnswers(asking, Map.of(1, Answer.NOTHING));
        assertThat(lonely.image()).isEqualTo(ClusterImage.EMPTY);
      }
      awaitAnswers(asking, Map.of());
    }
    assertThat(Files.exists(config(EMPTY).dataDirectory())).isFalse();
  }

  @Test
  void aMemberThatWasRestartedSaysThatItHasMoreThanItKnows() throws IOException {
    try (RatisMetadataLog one = member(1);
        RatisMetadataLog two = member(2)) {
      await()
          .atMost(PATIENCE)
          .until(() -> !one.image().clusterId().isEmpty() && !two.image().clusterId().isEmpty());
    }
    try (FirstContact asking = FirstContact.open(config(EMPTY));
        RatisMetadataLog one = member(1)) {
      await().atMost(PATIENCE).until(() -> asking.ask().join().containsKey(1));
      assertThat(asking.ask().join().get(1).hasEntries()).isTrue();
      assertThat(one.controller().id()).isNegative();
      assertThat(asking.confirm().handle((result, failure) -> failure).join()).isNotNull();

      try (RatisMetadataLog two = member(2)) {
        CommandResult confirmed =
            await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> asking.confirm().join(), r -> true);
        long index = confirmed.orThrow().index();
        SortedMap<Integer, QuorumFormation.Answer> answers = asking.ask().join();
        assertThat(answers).containsOnlyKeys(1, 2);
        assertThat(answers.values()).anyMatch(answer -> answer.image().index() >= index);
        assertThat(two.voters()).containsOnlyKeys(1, 2, 3);
      }
    }
  }
}
