package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in another language: Node.js with gRPC and our .proto files, nothing of ours. */
class NodeClientTest {
  private static final Path SOURCES = Path.of("src/test/node");
  private static final Path INSTALLED = Path.of("target/node-client");
  private static final Path PROTOS = Path.of("../proto/src/main/protobuf");

  @TempDir Path data;

  @BeforeAll
  static void install() throws IOException, InterruptedException {
    assumeTrue(isThere("node") && isThere("npm"), "skipped: no node and npm on the PATH");
    Files.createDirectories(INSTALLED);
    boolean stale = false;
    for (String file : List.of("package.json", "package-lock.json", "roundtrip.js")) {
      Path target = INSTALLED.resolve(file);
      boolean same = Files.exists(target) && Files.mismatch(SOURCES.resolve(file), target) == -1;
      if (!same) {
        Files.copy(SOURCES.resolve(file), target, StandardCopyOption.REPLACE_EXISTING);
        stale |= file.startsWith("package");
      }
    }
    if (stale || !Files.isDirectory(INSTALLED.resolve("node_modules"))) {
      Run npm = Run.of(INSTALLED, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
      assertThat(npm.exitCode()).as(npm.output()).isZero();
    }
  }

  @Test
  void publishesAndSubscribesWithNothingButTheContracts() throws IOException, InterruptedException {
    try (BrokerFixture brokers = new BrokerFixture()) {
      HighwaterServer broker = brokers.start(data);

      Run node =
          Run.of(
              INSTALLED,
              "node",
              "roundtrip.js",
              broker.address(Listener.CLIENTS).toString(),
              PROTOS.toAbsolutePath().normalize().toString(),
              "from-node");

      assertThat(node.exitCode()).as(node.output()).isZero();
      check(new ObjectMapper().readTree(node.output()));
    }
  }

  private static void check(JsonNode seen) {
    assertThat(seen.get("unknownTopic").asText()).isEqualTo("UNKNOWN_TOPIC_OR_PARTITION");
    assertThat(seen.get("receipts")).hasSize(3);
    // The same key meets the same partition, in order.
    JsonNode first = seen.get("receipts").get(0);
    JsonNode third = seen.get("receipts").get(2);
    assertThat(third.get("partition")).isEqualTo(first.get("partition"));
    assertThat(third.get("offset").asLong()).isGreaterThan(first.get("offset").asLong());
    assertThat(seen.get("streamed")).hasSize(20);

    List<String> streamed = new ArrayList<>();
    List<String> keyed = new ArrayList<>();
    for (JsonNode record : seen.get("records")) {
      assertThat(record.get("header").asText()).isEqualTo("node");
      boolean hasKey = record.hasNonNull("key") && !record.get("key").asText().isEmpty();
      (hasKey ? keyed : streamed).add(record.get("value").asText());
    }
    assertThat(keyed).containsExactlyInAnyOrder("first", "second", "\u0000\u0001\u00ff\u00fe");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add("s" + i);
    }
    assertThat(streamed).isEqualTo(expected);
    assertThat(seen.get("caughtUp").asInt()).isPositive();
  }

  private static boolean isThere(String program) throws InterruptedException {
    try {
      return Run.of(Path.of("."), program, "--version").exitCode() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A program that ran to its end. */
  private record Run(int exitCode, String output) {
    static Run of(Path directory, String... command) throws IOException, InterruptedException {
      Path output = Files.createTempFile("run", ".log");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
        return new Run(process.waitFor(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    }
  }
}
