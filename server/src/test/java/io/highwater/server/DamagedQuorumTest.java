package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the metadata quorum keeps is gone or damaged: a named error, and nothing stays behind. */
class DamagedQuorumTest {
  @TempDir Path data;
  private final BrokerFixture fixture = new BrokerFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  @Timeout(30)
  void damagedStateOfTheQuorumIsNamedAndLetsGoOfTheDirectory() throws IOException {
    fixture.start(data).stop();
    Path meta = metaFile();
    byte[] sound = Files.readAllBytes(meta);
    Files.writeString(meta, "term=many\nvotedFor=1\n");
    assertThatThrownBy(() -> fixture.start(data))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_STORAGE_ERROR))
        .hasMessageContaining("raft-meta");
    Files.write(meta, sound);
    fixture.start(data).stop();
  }

  private Path metaFile() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      List<Path> found = files.filter(file -> file.endsWith("raft-meta")).toList();
      return found.get(0);
    }
  }
}
