package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.record.Codec;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.server.config.Listener;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A codec's native library that does not load: one named error at once, whoever lacks it. */
class CodecLibraryTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"ZSTD", "SNAPPY"})
  void aClientWithoutItFailsAtOnceByName(Codec codec) throws Exception {
    String name = codec.name().toLowerCase(Locale.ROOT);
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(directory.resolve("data"));
      String bootstrap = "--bootstrap=" + broker.address(Listener.CLIENTS);
      TopicInfo topic = brokers.client(broker).createTopic("t", 1, Map.of());

      VerbProcess.Result produced =
          VerbProcess.run(
              directory,
              VerbProcess.withoutLibrary(directory, codec),
              "line\n",
              "produce",
              "t",
              "--compression=" + name,
              bootstrap);

      assertThat(produced.exitCode()).isEqualTo(1);
      assertThat(produced.errors())
          .singleElement()
          .asString()
          .startsWith("highwater: UNSUPPORTED_COMPRESSION_TYPE: line 1: ")
          .contains("native library of codec " + name)
          .contains("-Djava.io.tmpdir=DIR")
          .contains("refused");

      assertThat(
              brokers
                  .client(broker)
                  .produce(topic, Acks.ACKS_ALL, TestClient.batch(codec, "x"))
                  .getErrorValue())
          .isZero();
      VerbProcess.Result consumed =
          VerbProcess.run(
              directory,
              VerbProcess.withoutLibrary(directory, codec),
              "",
              "consume",
              "t",
              "--until-end",
              "--skip-corrupt",
              bootstrap);

      // The records are sound: passing over them would be a loss that nobody is told of.
      assertThat(consumed.exitCode()).isEqualTo(1);
      assertThat(consumed.out()).isEmpty();
      assertThat(consumed.errors())
          .singleElement()
          .asString()
          .startsWith("highwater: UNSUPPORTED_COMPRESSION_TYPE: ");
    }
  }

  @Test
  void aBrokerWithoutItRefusesByNameAndGoesOn() throws Exception {
    try (BrokerProcesses processes = new BrokerProcesses(directory, 1);
        BrokerFixture clients = new BrokerFixture()) {
      processes.withFlags(VerbProcess.withoutLibrary(directory, Codec.ZSTD)).startAll();
      TestClient client = new TestClient(clients.channel("127.0.0.1", processes.clientPort(1)));
      client.createTopic("looked-into", 1, Map.of());
      TopicInfo taken = client.createTopic("taken", 1, Map.of("records.validation", "header"));

      HighwaterException refused = failureOf(processes.bootstrap(), "looked-into");
      assertThat(refused.code()).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
      assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
      assertThat(refused)
          .hasMessageContaining("on broker 1, not on the client, ")
          .hasMessageContaining("native library of codec zstd")
          .hasMessageNotContaining("-Djava.io.tmpdir");

      client.produce(taken, Acks.ACKS_ALL, TestClient.batch(Codec.ZSTD, "sound"));
      try (Subscription subscription =
          Subscription.open(client.channel())
              .start(Subscription.fromStart("taken").setSkipCorrupt(true))) {
        assertThat(subscription.failsWith(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE))
            .contains("on broker 1, not on the client, ")
            .doesNotContain("skip_corrupt");
      }
      assertThat(processes.log(1).lines().filter(line -> line.contains("codec zstd")))
          .singleElement()
          .asString()
          .contains("ERROR")
          .contains("-Djava.io.tmpdir=DIR in HIGHWATER_JAVA_OPTS");
      try (Producer producer =
          Producer.builder().bootstrap(processes.bootstrap()).compression(Codec.GZIP).build()) {
        assertThat(producer.send(record("looked-into")).get(20, TimeUnit.SECONDS).offset())
            .isZero();
      }
    }
  }

  private static HighwaterException failureOf(String bootstrap, String topic) {
    try (Producer producer =
        Producer.builder().bootstrap(bootstrap).compression(Codec.ZSTD).build()) {
      Throwable thrown =
          catchThrowable(() -> producer.send(record(topic)).get(20, TimeUnit.SECONDS));
      assertThat(thrown).isInstanceOf(ExecutionException.class);
      return (HighwaterException) thrown.getCause();
    }
  }

  private static ProducerRecord record(String topic) {
    return new ProducerRecord(
        topic, 0, null, "value".repeat(100).getBytes(UTF_8), List.of(), ProducerRecord.NOW);
  }
}
