package io.highwater.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of Apache Kafka in a JVM with Kafka's own class path. */
final class KafkaTools {
  private KafkaTools() {}

  /** Its standard output; the test fails when it does not end well within a minute. */
  static String run(Path scratch, String... arguments) throws IOException, InterruptedException {
    String classPath =
        Files.readString(Path.of(System.getProperty("kafka.classpath.file"))).strip();
    assertThat(classPath)
        .as("class path of another Kafka version: run a clean build")
        .contains("kafka-tools-" + System.getProperty("kafka.version"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(scratch, "kafka", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }
}
