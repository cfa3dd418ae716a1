package io.highwater.perf.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.PayloadSpec;
import io.highwater.perf.load.SinkConfig;
import io.highwater.server.cli.HighwaterCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HighwaterSystemTest {
  private static final String TOPIC = "orders";
  private static final int RECORDS = 2_000;
  private static final int RECORD_BYTES = 100;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @TempDir Path data;

  @Test
  void oneBrokerTakesLoadComesBackAfterKillAndStopAndEndsWhenClosed() {
    long pid;
    try (RunningSystem system = onOurClassPath().start(Topology.ONE_BROKER, data.resolve("one"))) {
      system.createTopic(TOPIC, 3, 1, 1);
      assertThat(system.leaderOf(TOPIC, 2)).isEqualTo(1);

      LoadResult first = system.load(produce());
      assertThat(first.isSound()).as(first.failure()).isTrue();
      assertThat(first.records()).isEqualTo(RECORDS);
      assertThat(first.brokers()).extracting("pid").isEqualTo(system.brokerPids());
      assertThat(system.diskBytes(TOPIC)).isGreaterThan(RECORDS * RECORD_BYTES);
      assertThat(system.residentBytes(1)).isPositive();

      try (AckProbe probe = system.probe(TOPIC, 0, "all")) {
        system.kill(1);
        assertThat(system.brokerPids()).isEmpty();
        assertThat(probe.firstAckAfter(() -> system.restart(1), TIMEOUT)).isPositive();
        system.stop(1);
        assertThat(probe.firstAckAfter(() -> system.restart(1), TIMEOUT)).isPositive();
      }
      system.awaitServing();
      assertThat(system.load(produce()).records()).isEqualTo(RECORDS);
      pid = system.brokerPids().get(0);
    }
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void threeBrokersAcknowledgeAgainAfterTheirLeaderIsKilled() {
    try (RunningSystem system =
        onOurClassPath().start(Topology.THREE_BROKERS, data.resolve("three"))) {
      system.createTopic(TOPIC, 1, 3, 2);
      try (AckProbe probe = system.probe(TOPIC, 0, "all")) {
        int leader = system.leaderOf(TOPIC, 0);
        assertThat(probe.firstAckAfter(() -> system.kill(leader), TIMEOUT)).isPositive();
        assertThat(system.leaderOf(TOPIC, 0)).isNotEqualTo(leader);
        system.restart(leader);
        system.awaitServing();
        assertThat(system.brokerPids()).hasSize(3);
      }
    }
  }

  @Test
  void brokersThatDoNotStartAreNamedWithTheirLastWords() {
    HighwaterSystem broken = new HighwaterSystem(List.of("sh", "-c", "echo no luck >&2"));

    assertThatThrownBy(() -> broken.start(Topology.ONE_BROKER, data.resolve("broken")))
        .isInstanceOf(SystemFailureException.class)
        .hasMessage("highwater broker 1 ended: no luck");
  }

  /** Not by the launcher, which would build first. The flags make starts quick, nothing else. */
  private static HighwaterSystem onOurClassPath() {
    List<String> command = new ArrayList<>(List.of(ClientJvm.java(), "-Xmx256m"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"));
    command.addAll(ClientJvm.opens());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HighwaterCommand.class.getName()));
    return new HighwaterSystem(command);
  }

  private static LoadSpec produce() {
    return LoadSpec.produce(
        "set by the system",
        new SinkConfig("", TOPIC, "all", "none", 16 << 10, 5, 5, 32L << 20),
        PayloadSpec.ofBytes(RECORD_BYTES),
        Extent.ofRecords(RECORDS));
  }
}
