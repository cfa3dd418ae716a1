package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs in processes without the memory that they need: one line and exit code 1. */
class LittleMemoryTest {
  private static final int RECORD_BYTES = 24 << 20;
  private static final String LIMIT = Integer.toString(2 * RECORD_BYTES);

  @TempDir Path directory;

  @Test
  void theLackOfMemoryIsOneLineAndAnExitCode() throws Exception {
    try (BrokerFixture brokers = new BrokerFixture()) {
      Path data = directory.resolve("data");
      HighwaterServer broker = brokers.start(data, "message.max.bytes", LIMIT);
      String address = broker.address(Listener.CLIENTS).toString();
      brokers.client(broker).createTopic("t", 1, Map.of("max.message.bytes", LIMIT));
      try (Producer producer = Producer.builder().bootstrap(address).build()) {
        producer
            .send(ProducerRecord.of("t", null, new byte[RECORD_BYTES]))
            .get(60, TimeUnit.SECONDS);
      }

      VerbProcess.Result consumed = run("consume", "t", "--until-end", "--bootstrap=" + address);
      assertThat(consumed.exitCode()).isEqualTo(1);
      assertThat(consumed.errors())
          .singleElement()
          .asString()
          .containsPattern("highwater: (MESSAGE_TOO_LARGE|OUT_OF_MEMORY): ");

      VerbProcess.Result verified = run("log", "verify", data.resolve("t-0").toString());
      assertThat(verified.exitCode()).isEqualTo(1);
      assertThat(verified.errors())
          .singleElement()
          .asString()
          .startsWith("highwater: OUT_OF_MEMORY: ");
    }
  }

  private VerbProcess.Result run(String... verb) throws Exception {
    return VerbProcess.run(directory, List.of("-Xmx32m"), "", verb);
  }
}
