package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.MetadataLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A quorum whose third member the others reach over a {@link Relay}. */
@Timeout(60)
class SilentMembersTest {
  @TempDir Path directory;

  @Test
  void aMemberWhoseConnectionWentSilentFollowsAgainOverANewOne() throws IOException {
    SortedMap<Integer, Endpoint> own = new TreeMap<>();
    for (int id = 1; id <= 3; id++) {
      own.put(id, freePort());
    }
    try (Relay relay = Relay.to(own.get(3).port())) {
      SortedMap<Integer, Endpoint> relayed = new TreeMap<>(own);
      relayed.put(3, new Endpoint("127.0.0.1", relay.port()));
      try (MetadataLog first = start(1, relayed);
          MetadataLog second = start(2, relayed);
          MetadataLog third = start(3, own)) {
        awaitLeaderOtherThan(third);
        TestMember.register(second, 1);
        await().until(() -> third.image().broker(1) != null);

        relay.swallow();
        TestMember.register(first, 2);

        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(() -> assertThat(third.image().broker(2)).isNotNull());
      }
    }
  }

  private RatisMetadataLog start(int id, SortedMap<Integer, Endpoint> voters) throws IOException {
    return TestMember.open(
        QuorumConfig.of(
            id, "cluster", directory.resolve(Integer.toString(id)), voters, "127.0.0.1"));
  }

  /** The third keeps its own connections, so it must not lead. */
  private static void awaitLeaderOtherThan(MetadataLog third) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> {
              if (third.controller().id() == 3) {
                third.resign().join();
              }
              return third.controller().id() == 1 || third.controller().id() == 2;
            });
  }

  private static Endpoint freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Endpoint("127.0.0.1", socket.getLocalPort());
    }
  }
}
