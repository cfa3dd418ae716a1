package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.replication.ratis.Relay;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers that reach each other over relays, so that one can be made deaf (CTL-6, CTL-7). */
@Timeout(120)
class DeafControllerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int BROKERS = 3;

  @TempDir Path root;
  private final List<Relay> relays = new ArrayList<>();
  private BrokerProcesses brokers;
  private Admin admin;

  @AfterEach
  void close() {
    CloseHelper.closeAll(admin, brokers);
    CloseHelper.closeAll(relays);
  }

  @Test
  void anActiveControllerThatHearsNobodyFencesNobodyAndAnotherTakesOver() throws IOException {
    start();
    int deaf = admin.describeCluster().controllerId();
    int logBefore = brokers.log(deaf).length();
    relays.get(deaf - 1).deafen();

    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> !List.of(-1, deaf).contains(admin.describeCluster().controllerId()));
    assertThat(brokers.log(deaf).substring(logBefore))
        .contains("controller " + deaf + " gives the quorum up")
        .doesNotContain("fencing broker");
    admin.createTopic(new NewTopic("after", 1, 2, Map.of()));
  }

  private void start() throws IOException {
    brokers = new BrokerProcesses(root, BROKERS);
    List<CompletableFuture<Void>> started = new ArrayList<>();
    for (int node = 1; node <= BROKERS; node++) {
      Relay relay = Relay.to(brokers.brokersPort(node));
      relays.add(relay);
      started.add(brokers.start(node, "advertised.listeners=BROKERS://127.0.0.1:" + relay.port()));
    }
    started.forEach(CompletableFuture::join);
    admin = brokers.admin();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                admin.describeCluster().brokers().stream().filter(b -> !b.fenced()).count()
                    == BROKERS);
  }
}
