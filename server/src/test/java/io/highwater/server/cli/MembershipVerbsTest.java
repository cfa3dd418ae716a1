package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.client.cli.LoopbackPorts;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that change who belongs to a cluster: a controller and a broker that stands by. */
@Timeout(120)
class MembershipVerbsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path root;
  private List<Integer> ports;
  private HighwaterServer controller;
  private HighwaterServer standby;

  @BeforeEach
  void start() throws IOException {
    ports = LoopbackPorts.find(4);
    controller = start(1);
    standby = start(2);
    await()
        .atMost(PATIENCE)
        .until(() -> !describe().at("/brokers/1").path("fenced").asBoolean(true));
  }

  @AfterEach
  void close() {
    standby.close();
    controller.close();
  }

  private HighwaterServer start(int id) {
    Map<String, String> values = new HashMap<>();
    values.put("node.id", Integer.toString(id));
    values.put("cluster.id", "members");
    values.put("log.dirs", root.resolve("broker-" + id).toString());
    values.put(
        "listeners", "CLIENTS://" + address(2 * id - 2) + ",CONTROLLER://" + address(2 * id - 1));
    values.put("controller.quorum.voters", "1@" + address(1));
    values.put("controller.quorum.standby", Boolean.toString(id == 2));
    HighwaterServer broker = new HighwaterServer(ServerConfig.of(values));
    broker.start();
    return broker;
  }

  private String address(int port) {
    return LoopbackPorts.HOST + ":" + ports.get(port);
  }

  @Test
  void aBrokerIsDrainedStoppedAndForgotten() throws IOException {
    assertThat(verb("topic", "create", "moving", "--partitions", "2").exitCode()).isZero();
    assertThat(verb("cluster", "unregister", "2").err())
        .startsWith("highwater: POLICY_VIOLATION: ")
        .contains("is alive");
    standby.stop();
    assertThat(verb("cluster", "unregister", "2").err()).contains("drain it first");

    standby = start(2);
    assertThat(verb("cluster", "drain", "2").exitCode()).isZero();
    await().atMost(PATIENCE).until(() -> describe().at("/brokers/1/replicas").asInt(-1) == 0);
    standby.stop();
    assertThat(json("cluster", "unregister", "2", "--output", "json").path("broker").asInt())
        .isEqualTo(2);

    assertThat(describe().path("brokers")).hasSize(1);
    assertThat(verb("cluster", "unregister", "2").err())
        .startsWith("highwater: BROKER_ID_NOT_REGISTERED: ");
    standby = start(2);
    await().atMost(PATIENCE).until(() -> describe().path("brokers").size() == 2);
    assertThat(describe().at("/brokers/1/draining").asBoolean(true)).isFalse();
  }

  private JsonNode describe() throws IOException {
    return json("cluster", "describe", "--output", "json");
  }

  private JsonNode json(String... args) throws IOException {
    Shell.Result result = verb(args);
    assertThat(result.err()).isEmpty();
    return JSON.readTree(result.out());
  }

  private Shell.Result verb(String... args) {
    Stream<String> bootstrap = Stream.of("--bootstrap", address(0));
    return Shell.run(Stream.concat(Arrays.stream(args), bootstrap).toArray(String[]::new));
  }
}
