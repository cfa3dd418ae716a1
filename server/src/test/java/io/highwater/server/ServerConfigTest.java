package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.server.config.ConfigValues;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import io.highwater.server.config.LogDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration says, and how it fails. */
class ServerConfigTest {
  @TempDir Path dir;

  @Test
  void nothingGivenMeansTheDefaultPortsOnLoopback() {
    ServerConfig config = ServerConfig.of(Map.of());

    assertThat(config.listeners().bind())
        .containsEntry(Listener.CLIENTS, new HostPort("127.0.0.1", 7450))
        .containsEntry(Listener.BROKERS, new HostPort("127.0.0.1", 7451))
        .containsEntry(Listener.CONTROLLER, new HostPort("127.0.0.1", 7452))
        .containsEntry(Listener.ADMIN, new HostPort("127.0.0.1", 7453));
    assertThat(config.controller().isSingleNode()).isTrue();
    assertThat(config.storage().logDirs()).containsExactly(Path.of("./data"));
    assertThat(config.topics().messageMaxBytes()).isEqualTo(1 << 20);
  }

  @Test
  void onlyTheClientsListenerGivenLeavesTheOthersToFreePorts() {
    ServerConfig config = ServerConfig.of(Map.of("listeners", "CLIENTS://127.0.0.1:9000"));

    assertThat(config.listeners().bind())
        .containsEntry(Listener.CLIENTS, new HostPort("127.0.0.1", 9000))
        .containsEntry(Listener.BROKERS, new HostPort("127.0.0.1", 0))
        .containsEntry(Listener.CONTROLLER, new HostPort("127.0.0.1", 0))
        .containsEntry(Listener.ADMIN, new HostPort("127.0.0.1", 0));
  }

  @Test
  void aVoterBindsItsControllerListenerWhereTheVotersListSays() {
    ServerConfig config =
        ServerConfig.of(
            Map.of(
                "node.id", "2",
                "listeners", "CLIENTS://127.0.0.1:0",
                "controller.quorum.voters", "1@127.0.0.1:801,2@127.0.0.1:802"));

    assertThat(config.listeners().bind().get(Listener.CONTROLLER).port()).isEqualTo(802);
    assertThat(config.controller().isSingleNode()).isFalse();
  }

  @Test
  void anAdvertisedAddressReplacesTheBoundOne() {
    ServerConfig config =
        ServerConfig.of(
            Map.of(
                "listeners", "CLIENTS://0.0.0.0:9000",
                "advertised.listeners",
                    "CLIENTS://log.example:80,BROKERS://a:0,CONTROLLER://a:1,ADMIN://a:2"));

    assertThat(config.listeners().advertised(Listener.CLIENTS, 9000))
        .isEqualTo(new HostPort("log.example", 80));
    assertThat(config.listeners().advertised(Listener.BROKERS, 4711))
        .isEqualTo(new HostPort("a", 4711));
  }

  @Test
  void flagsStandBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
    Path file = dir.resolve("broker.properties");
    Files.writeString(
        file, "num.partitions=2\nmin.insync.replicas=2\nlog.segment.bytes=2097152\nnode.id=7\n");

    ServerConfig config =
        ServerConfig.load(
            file,
            Map.of("HIGHWATER_NUM_PARTITIONS", "3", "HIGHWATER_MIN_INSYNC_REPLICAS", "3", "X", "y"),
            Map.of("num.partitions", "4"));

    assertThat(config.topics().partitions()).isEqualTo(4);
    assertThat(config.topics().minInsyncReplicas()).isEqualTo(3);
    assertThat(config.storage().segmentBytes()).isEqualTo(2097152);
    assertThat(config.controller().nodeId()).isEqualTo(7);
  }

  @Test
  void rollHoursCountUnlessRollMsIsGiven() {
    assertThat(ServerConfig.of(Map.of("log.roll.hours", "2")).storage().rollMs())
        .isEqualTo(7_200_000);
    assertThat(
            ServerConfig.of(Map.of("log.roll.hours", "2", "log.roll.ms", "5")).storage().rollMs())
        .isEqualTo(5);
  }

  @Test
  void retentionInMillisecondsStandsBeforeMinutesAndThoseBeforeHours() {
    assertThat(logDefaults(Map.of())).isEmpty();
    assertThat(logDefaults(Map.of("log.retention.hours", "2")))
        .containsEntry("retention.ms", "7200000");
    assertThat(logDefaults(Map.of("log.retention.hours", "2", "log.retention.minutes", "3")))
        .containsEntry("retention.ms", "180000");
    assertThat(
            logDefaults(
                Map.of(
                    "log.retention.hours", "2",
                    "log.retention.minutes", "3",
                    "log.retention.ms", "4")))
        .containsEntry("retention.ms", "4");
    assertThat(logDefaults(Map.of("log.retention.hours", "-1")))
        .containsEntry("retention.ms", "-1");
  }

  @Test
  void theBrokersLogKeysAreTopicSettings() {
    assertThat(
            logDefaults(
                Map.of(
                    "log.cleanup.policy", "delete,compact",
                    "log.cleaner.min.cleanable.ratio", "0.1",
                    "log.flush.interval.ms", "1000")))
        .containsEntry("cleanup.policy", "delete,compact")
        .containsEntry("min.cleanable.dirty.ratio", "0.1")
        .containsEntry("flush.ms", "1000");
  }

  @Test
  void aTopicThatSetsItsOwnFlushingGetsNoneOfTheBrokers() {
    LogDefaults defaults =
        ServerConfig.of(Map.of("log.flush.policy", "os", "log.retention.ms", "9")).topics().logs();
    Map<String, String> topic = new HashMap<>(Map.of("flush.messages", "1"));

    defaults.fillIn(topic);

    assertThat(topic)
        .containsExactlyInAnyOrderEntriesOf(Map.of("flush.messages", "1", "retention.ms", "9"));
  }

  private static Map<String, String> logDefaults(Map<String, String> values) {
    return ServerConfig.of(values).topics().logs().settings();
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearestOne() throws IOException {
    Path file = dir.resolve("broker.properties");
    Files.writeString(file, "log.segment.byte=1\n");

    assertRefused(() -> ServerConfig.load(file, Map.of(), Map.of()), "log.segment.byte'")
        .hasMessageContaining("did you mean 'log.segment.bytes'?")
        .hasMessageContaining("broker.properties");
    assertRefused(() -> ServerConfig.of(Map.of("zookeeper.connect.string", "x")), "zookeeper")
        .hasMessageNotContaining("did you mean");
  }

  /** Kubernetes sets such in each pod for a service, and images their version. */
  @Test
  void unknownVariablesStopNobodyAndThoseOfAServiceAreNotWorthAWord() {
    Map<String, String> environment =
        Map.of(
            "HIGHWATER_PORT", "tcp://10.0.0.1:7450",
            "HIGHWATER_SERVICE_HOST", "10.0.0.1",
            "HIGHWATER_SERVICE_PORT_CLIENTS", "7450",
            "HIGHWATER_ADMIN_PORT_7453_TCP_ADDR", "10.0.0.2",
            "HIGHWATER_JAVA_OPTS", "-Xmx1g",
            "HIGHWATER_NODE_ID", "7",
            "HIGHWATER_NODE_IDS", "9",
            "HIGHWATER_VERSION", "1",
            "PATH", "/bin");

    assertThat(ServerConfig.load(null, environment, Map.of()).controller().nodeId()).isEqualTo(7);
    assertThat(ConfigValues.strangers(ServerConfig.KEYS, environment))
        .containsExactly(
            "unknown configuration key 'node.ids' (environment variable HIGHWATER_NODE_IDS), did you"
                + " mean 'node.id'?: passed over",
            "unknown configuration key 'version' (environment variable HIGHWATER_VERSION): passed"
                + " over");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, true",
    "0, true",
    "0.0, true",
    "00.000.0, true",
    "0x0, true",
    "'::', true",
    "'::0', true",
    "'0:0:0:0:0:0:0:0', true",
    "'0000:0::0', true",
    "'::%1', true",
    "'::ffff:0.0.0.0', true",
    "127.0.0.1, false",
    "0.0.0.1, false",
    "10.0.0.0, false",
    "'::1', false",
    "localhost, false",
    "zero, false",
    "'a:b', false"
  })
  void aWildcardIsOneHoweverItIsWritten(String host, boolean wildcard) {
    assertThat(new HostPort(host, 80).isWildcard()).isEqualTo(wildcard);
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused(
        () -> ServerConfig.load(dir.resolve("absent"), Map.of(), Map.of()),
        "cannot read configuration file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "num.partitions|0|from 1 to",
        "num.partitions|many|whole number",
        "log.cleanup.policy|shred|one or more of delete, compact",
        "log.cleaner.io.buffer.load.factor|2|above 0, up to 1",
        "log.cleaner.io.buffer.load.factor|0|above 0, up to 1",
        "log.retention.ms|-2|from -1 to",
        "log.dir.reserved.bytes|5|must be set, too",
        "log.dirs|/a,/a|named twice",
        "message.max.bytes|2147483647|from 1024 to",
        "controlled.shutdown.enable|yes|true or false",
        "listeners|127.0.0.1:80|NAME://HOST:PORT",
        "listeners|PLAINTEXT://h:80|CLIENTS, BROKERS, CONTROLLER or ADMIN",
        "listeners|CLIENTS://h:80,CLIENTS://h:81|twice",
        "listeners|CLIENTS://h:70000|from 0 to 65535",
        "listeners|CLIENTS://0.0.0.0:80|connect to",
        "controller.quorum.voters|1:80|ID@HOST:PORT",
        "controller.quorum.voters|1@h:0,2@h:5|quorum of one",
        "controller.quorum.voters|1@h:4,1@h:5|unique",
        "cluster.id|a b|characters",
        "broker.session.timeout.ms|300|twice",
        "log.segment.bytes|65536|message.max.bytes",
      })
  void aBadValueIsRefusedWithKeyValueAndRange(String key, String value, String why) {
    assertRefused(() -> ServerConfig.of(Map.of(key, value)), why).hasMessageContaining(key + "=");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HighwaterException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIG))
        .hasMessageContaining(message);
  }
}
