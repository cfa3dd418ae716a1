package io.highwater.perf.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddedTargetsTest {
  private static final int RECORDS = 2_345;

  /** Larger than a block, smaller than a batch may be. */
  private static final int LARGE_BYTES = 100_000;

  @TempDir Path data;

  static Stream<LoadTarget> targets() {
    return Stream.of(new LogStoreTarget(), new SingleAppendTarget(), new FileFloorTarget());
  }

  @ParameterizedTest
  @MethodSource("targets")
  void whatIsSentIsReadInOrder(LoadTarget target) {
    List<String> sent = new ArrayList<>();
    List<Long> completed = new ArrayList<>();
    try (RecordSink sink = target.sink(config())) {
      for (int i = 0; i < RECORDS; i++) {
        String record = i % 500 == 3 ? i + "x".repeat(LARGE_BYTES) : "record-" + i;
        sent.add(record);
        sink.send(
            0,
            record.getBytes(StandardCharsets.UTF_8),
            i,
            (token, failure) -> {
              assertThat(failure).isNull();
              completed.add(token);
            });
      }
      sink.flush();
      assertThat(completed).isEqualTo(IntStream.range(0, RECORDS).mapToObj(Long::valueOf).toList());
    }

    assertThat(read(target)).isEqualTo(sent);
    assertThat(read(target)).as("a second pass").isEqualTo(sent);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aSourceFromTheEndFindsNothing(LoadTarget target) {
    try (RecordSink sink = target.sink(config())) {
      sink.send(0, new byte[] {1, 2, 3}, 0, (token, failure) -> {});
    }
    try (RecordSource source = target.source(new SourceConfig(data.toString(), "t", false))) {
      assertThat(source.poll(Duration.ZERO, (p, offset, array, from, length) -> {})).isZero();
    }
  }

  @Test
  void theFileFloorSeesDamage() throws IOException {
    LoadTarget target = new FileFloorTarget();
    try (RecordSink sink = target.sink(config())) {
      sink.send(0, new byte[] {1, 2, 3}, 0, (token, failure) -> {});
    }
    Path file = data.resolve("t.log");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> read(target))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("damaged");
  }

  private List<String> read(LoadTarget target) {
    List<String> read = new ArrayList<>();
    try (RecordSource source = target.source(new SourceConfig(data.toString(), "t", true))) {
      int records;
      do {
        records =
            source.poll(
                Duration.ZERO,
                (partition, offset, array, from, length) -> {
                  assertThat(offset).isEqualTo(read.size());
                  read.add(new String(array, from, length, StandardCharsets.UTF_8));
                });
      } while (records > 0);
    }
    return read;
  }

  private SinkConfig config() {
    return new SinkConfig(data.toString(), "t", "1", "none", 64 << 10, 0, 0, 32L << 20);
  }
}
