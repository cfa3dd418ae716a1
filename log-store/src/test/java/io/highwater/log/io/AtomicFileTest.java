package io.highwater.log.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AtomicFileTest {
  private static final Path FILE = Path.of("/d/state");

  /** The content that reads after a crash at each change of replacing "old", maybe damaged. */
  private static void crashEverywhere(boolean damaged, String... allowed) throws IOException {
    boolean done = false;
    for (int at = 0; !done; at++) {
      SimStorage storage = new SimStorage();
      storage.createDirectories(FILE.getParent());
      AtomicFile.writeChecked(storage, FILE, "old".getBytes(US_ASCII));
      if (damaged) {
        storage.replace(FILE, "odd".getBytes(US_ASCII));
      }
      storage.crashAfter(at);
      try {
        AtomicFile.writeChecked(storage, FILE, "new".getBytes(US_ASCII));
        done = true;
      } catch (SimStorage.Crashed e) {
        assertThat(done).isFalse();
      }
      storage.killProcess();
      Optional<byte[]> content = AtomicFile.readChecked(storage, FILE);
      assertThat(content.map(bytes -> new String(bytes, US_ASCII)).orElse("unknown"))
          .as("crash at %d", at)
          .isIn((Object[]) allowed);
    }
  }

  /** STO-9. */
  @Test
  void aCrashLeavesTheContentBeforeOrAfter() throws IOException {
    crashEverywhere(false, "old", "new");
  }

  /** STO-9. */
  @Test
  void aCrashMakesNoDamagedContentSound() throws IOException {
    crashEverywhere(true, "unknown", "new");
  }

  /** Kafka writes none, we write it first. */
  @Test
  void aFileWithoutAChecksumIsKafkas() throws IOException {
    SimStorage storage = new SimStorage();
    storage.createDirectories(FILE.getParent());
    storage.replace(FILE, "kafka's".getBytes(US_ASCII));
    assertThat(AtomicFile.readChecked(storage, FILE)).contains("kafka's".getBytes(US_ASCII));
    AtomicFile.writeChecked(storage, FILE, "ours".getBytes(US_ASCII));
    storage.replace(FILE, "odd".getBytes(US_ASCII));
    assertThat(AtomicFile.readChecked(storage, FILE)).isEmpty();
  }
}
