package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
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
  void controllersAreShownAddedAndRemoved() throws IOException {
    assertThat(verb("cluster", "describe").text())
        .containsPattern("(?m)^1 +" + address(1) + " +voter +active$")
        .containsPattern("(?m)^2 +" + address(3) + " +standby +up$");
    assertThat(verb("cluster", "add-controller", "2", "--dry-run").text())
        .startsWith("would add node 2\n");
    assertThat(describe().at("/controllers/1/role").asText()).isEqualTo("standby");

    assertThat(verb("cluster", "add-controller", "2").text()).startsWith("added node 2\n");
    assertThat(describe().at("/controllers/1/role").asText()).isEqualTo("voter");
    assertThat(verb("cluster", "add-controller", "2").err())
        .startsWith("highwater: DUPLICATE_VOTER: ");
    assertThat(verb("cluster", "unregister", "2").err()).contains("is a controller");

    JsonNode removed = json("cluster", "remove-controller", "2", "--output", "json");
    assertThat(removed.path("controllers")).hasSize(1);
    assertThat(verb("cluster", "remove-controller", "2").err())
        .startsWith("highwater: VOTER_NOT_FOUND: ");
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

  @Test
  void aTopicThatMovesSaysWho() {
    verb("topic", "create", "slow", "--partitions", "1");
    verbWithInput(("x".repeat(50_000) + "\n").repeat(60), "produce", "slow");
    boolean onFirst = verb("topic", "describe", "slow").text().contains("0          1 ");
    String from = onFirst ? "1" : "2";
    String to = onFirst ? "2" : "1";
    verb("topic", "reassign", "slow", "--replicas", to, "--throttle", "1024");

    assertThat(verb("topic", "describe", "slow").text())
        .contains("partition 0 is moving: adding " + to + ", removing " + from + "\n");
    assertThat(verb("topic", "reassign", "slow", "--cancel").exitCode()).isZero();
    assertThat(verb("topic", "describe", "slow").text()).doesNotContain("is moving");
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
    return verbWithInput("", args);
  }

  private Shell.Result verbWithInput(String input, String... args) {
    Stream<String> bootstrap = Stream.of("--bootstrap", address(0));
    return Shell.runWithInput(
        input.getBytes(UTF_8),
        Stream.concat(Arrays.stream(args), bootstrap).toArray(String[]::new));
  }
}
