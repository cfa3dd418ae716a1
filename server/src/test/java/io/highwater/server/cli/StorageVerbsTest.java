package io.highwater.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code highwater storage}. */
class StorageVerbsTest {
  @TempDir Path data;

  @Test
  void aFormattedDirectoryTellsItsBrokerTheCluster() {
    Shell.Result formatted = format("--cluster-id", "mine");
    assertThat(formatted.exitCode()).as(formatted.err()).isZero();
    assertThat(formatted.text()).startsWith("formatted ").contains("cluster mine, node 1");
    assertThat(format("--cluster-id", "mine").text()).startsWith("already formatted ");

    try (HighwaterServer broker = broker(Map.of())) {
      broker.start();
      assertThat(broker.clusterId()).isEqualTo("mine");
    }
  }

  @Test
  void anotherClusterOrNodeIsRefusedByName() {
    format("--cluster-id", "mine");

    assertThat(format("--cluster-id", "yours"))
        .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(1))
        .satisfies(
            refused ->
                assertThat(refused.err())
                    .startsWith("highwater: INCONSISTENT_CLUSTER_ID: ")
                    .contains("belongs to cluster mine, not to yours"));
    assertThat(format("--cluster-id", "mine", "--node-id", "2").err())
        .startsWith("highwater: INVALID_CONFIG: ")
        .contains("belongs to node 1");
    try (HighwaterServer broker = broker(Map.of("cluster.id", "yours"))) {
      assertThatThrownBy(broker::start)
          .isInstanceOfSatisfying(
              HighwaterException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INCONSISTENT_CLUSTER_ID));
    }
  }

  @Test
  void aNewDirectoryNeedsAClusterId() {
    assertThat(format().err()).startsWith("highwater: INVALID_REQUEST: --cluster-id is missing");
    assertThat(format("--cluster-id", "mine", "--node-id", "-4").err())
        .startsWith("highwater: INVALID_REQUEST: --node-id");
    String id = Shell.run("storage", "random-uuid").text().strip();
    assertThat(UUID.fromString(id)).isNotNull();
    assertThat(format("--cluster-id", id).exitCode()).isZero();
  }

  @Test
  void nobodyAcceptsALossWhileTheBrokerRuns() {
    try (HighwaterServer broker = broker(Map.of())) {
      broker.start();
      assertThat(format("--accept-metadata-loss"))
          .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(1))
          .satisfies(refused -> assertThat(refused.err()).contains("another broker uses"));
    }
    assertThat(format("--accept-metadata-loss").exitCode()).isZero();
  }

  @Test
  void onlyALogDirectoryThatTheBrokerHasCanBeGivenUp() {
    format("--cluster-id", "mine");

    assertThat(format("--accept-directory-loss", UUID.randomUUID().toString()).err())
        .startsWith("highwater: INVALID_REQUEST: ")
        .contains("knows of no other log directory");
    assertThat(format("--accept-directory-loss", "second").err())
        .startsWith("highwater: INVALID_REQUEST: 'second' is no id");
  }

  @Test
  void whoGivesUpALogDirectoryAgainIsToldSo() throws IOException {
    format("--cluster-id", "mine");
    FileStorage storage = new FileStorage();
    UUID other = UUID.randomUUID();
    MetaProperties meta = MetaProperties.read(storage, data).orElseThrow();
    meta.withDirectories(Set.of(other), Set.of(), Map.of()).write(storage, data);
    String id = other.toString();

    assertThat(format("--accept-directory-loss", id).text()).endsWith("; given up: " + id + "\n");
    assertThat(format("--accept-directory-loss", id).text())
        .doesNotContain("given up: ")
        .endsWith("; given up before already: " + id + "\n");
  }

  private Shell.Result format(String... options) {
    String[] words = new String[4 + options.length];
    words[0] = "storage";
    words[1] = "format";
    words[2] = "--data";
    words[3] = data.toString();
    System.arraycopy(options, 0, words, 4, options.length);
    return Shell.run(words);
  }

  private HighwaterServer broker(Map<String, String> more) {
    Map<String, String> values = new HashMap<>(more);
    values.put("log.dirs", data.toString());
    values.put("listeners", "CLIENTS://127.0.0.1:0");
    return new HighwaterServer(ServerConfig.of(values));
  }
}
