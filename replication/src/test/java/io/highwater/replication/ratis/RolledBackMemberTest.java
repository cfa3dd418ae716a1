package io.highwater.replication.ratis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.MemberProgress;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CTL-4: a member that comes back with an older copy of what it kept. */
@Timeout(60)
class RolledBackMemberTest {
  private static final int ENTRIES = 30;
  private static final UUID DIRECTORY_ID = new UUID(3, 4);

  @TempDir Path directory;
  private QuorumConfig config;

  @BeforeEach
  void configure() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      config =
          new QuorumConfig(
              1,
              "cluster",
              directory.resolve("data"),
              new TreeMap<>(Map.of(1, new Endpoint("127.0.0.1", socket.getLocalPort()))),
              "127.0.0.1",
              300,
              ENTRIES / 2,
              5_000);
    }
    Files.createDirectories(config.dataDirectory());
  }

  private QuorumStorage storage() {
    return TestMember.storage(config);
  }

  private Path kept() {
    return config.dataDirectory().resolve(RatisMetadataLog.DIRECTORY);
  }

  /** Commits entries; returns once all are remembered. */
  private void run() throws IOException {
    QuorumStorage storage = storage();
    try (RatisMetadataLog member = RatisMetadataLog.open(config, storage, failure -> {})) {
      storage.settled();
      long index = 0;
      for (int i = 0; i < ENTRIES; i++) {
        index = member.submit(new FormatCluster("cluster")).join().orThrow().index();
      }
      long last = index;
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> new QuorumMemory(new FileStorage(), config.dataDirectory()).own(),
              own -> own.index() >= last && own.vote().equals("1"));
    }
  }

  @Test
  void anOlderCopyIsRefusedUntilTheNewestIsBackOrItsLossIsAccepted() throws IOException {
    run();
    copy(kept(), directory.resolve("older"));
    run();
    copy(kept(), directory.resolve("newest"));
    restore("older");

    assertThatThrownBy(() -> storage().requireState())
        .isInstanceOf(HighwaterException.class)
        .hasMessageContaining("CTL-4")
        .hasMessageContaining("--accept-metadata-loss");
    restore("newest");
    storage().requireState();
    // Nothing is lost, so nothing is given up.
    storage().acceptLoss();
    assertThat(storage().exists()).isTrue();

    restore("older");
    storage().acceptLoss();
    assertThat(storage().exists()).isFalse();
    storage().requireState();
    run();
    storage().requireState();
  }

  @Test
  void aCopyFromBeforeAVoteIsRefusedThoughItHasAllEntries() throws IOException {
    run();
    QuorumMemory memory = storage().memory();
    MemberProgress own = memory.own();
    memory.remember(new MemberProgress(0, own.term() + 1, "2", own.index()));

    assertThatThrownBy(() -> storage().requireState()).hasMessageContaining("CTL-4");
  }

  @Test
  void damagedMemoryIsNone() throws IOException {
    run();
    Path file = config.dataDirectory().resolve("quorum-progress-checkpoint");
    Files.writeString(file, "0\n9 9 9 9\n");
    assertThatCode(() -> storage().requireState()).doesNotThrowAnyException();
    AtomicFile.writeChecked(new FileStorage(), file, "0\nnothing".getBytes(UTF_8));
    assertThat(storage().memory().own()).isEqualTo(MemberProgress.none(0));
  }

  @Test
  void aDirectoryRemembersOthersUntilTheyHaveAnotherOne() throws IOException {
    MemberProgress far = new MemberProgress(0, 7, "2", 70);
    MemberProgress near = new MemberProgress(0, 6, "3", 71);
    QuorumMemory memory = storage().memory();
    assertThat(memory.remember(2, DIRECTORY_ID, far)).isEqualTo(far);

    QuorumMemory later = storage().memory();
    MemberProgress both = new MemberProgress(0, 7, "2", 71);
    assertThat(later.remember(2, DIRECTORY_ID, near)).isEqualTo(both);
    assertThat(later.remember(2, new UUID(5, 6), near)).isEqualTo(near);
    assertThat(later.own()).isEqualTo(MemberProgress.none(0));
  }

  private void restore(String copy) throws IOException {
    new FileStorage().deleteTree(kept());
    copy(directory.resolve(copy), kept());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
  }
}
