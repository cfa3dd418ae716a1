package io.highwater.perf.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.PayloadSpec;
import io.highwater.perf.load.SinkConfig;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The peers themselves: needs a network the first time, so it runs only when asked for, {@code
 * -Dgroups=peers -DexcludedGroups=none}.
 */
@Tag("peers")
class PeersTest {
  private static final String TOPIC = "orders";
  private static final int RECORDS = 2_000;
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @TempDir Path data;

  @Test
  void kafkaTakesLoadAndComesBackAfterAKill() {
    KafkaSystem kafka = new KafkaSystem(Checkout.ofThisBuild());
    assertThat(kafka.skipReason()).isEmpty();
    assertThat(kafka.setup(Purpose.START_UP)).containsEntry("version", "4.4.0");

    try (RunningSystem system = kafka.start(Topology.ONE_BROKER, data.resolve("kafka"))) {
      system.createTopic(TOPIC, 3, 1, 1);
      assertThat(system.load(produce()).records()).isEqualTo(RECORDS);
      assertThat(system.diskBytes(TOPIC)).isPositive();
      try (AckProbe probe = system.probe(TOPIC, 0, "all")) {
        system.kill(1);
        assertThat(probe.firstAckAfter(() -> system.restart(1), TIMEOUT)).isPositive();
      }
    }
  }

  @Test
  void chronicleTakesLoad() {
    ChronicleSystem chronicle = new ChronicleSystem(Checkout.ofThisBuild());
    assertThat(chronicle.skipReason()).isEmpty();

    try (RunningSystem system = chronicle.start(Topology.EMBEDDED, data.resolve("chronicle"))) {
      LoadResult result = system.load(produce());
      assertThat(result.isSound()).as(result.failure()).isTrue();
      assertThat(result.records()).isEqualTo(RECORDS);
    }
  }

  private static LoadSpec produce() {
    return LoadSpec.produce(
        "set by the system",
        new SinkConfig("", TOPIC, "all", "none", 16 << 10, 5, 5, 32L << 20),
        PayloadSpec.ofBytes(100),
        Extent.ofRecords(RECORDS));
  }
}
