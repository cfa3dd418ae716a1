package io.highwater.replication.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** CTL-4 against power losses. */
class QuorumStorageTest {
  private static final Path ROOT = Path.of("/nowhere/data");
  private static final String CLUSTER = "mine";

  @Test
  void aFirstStartThatLosesPowerAnywhereIsAFirstStartAgain() throws IOException {
    boolean finished = false;
    for (int steps = 0; !finished; steps++) {
      for (Random surviving : new Random[] {null, new Random(steps), new Random(~steps)}) {
        SimStorage disk = new SimStorage();
        disk.crashAfter(steps);
        finished = firstStart(disk);
        disk.losePower(surviving);

        if (joined(disk)) {
          QuorumStorage storage = new QuorumStorage(disk, ROOT, CLUSTER);
          assertThatCode(storage::requireState)
              .as("after %d steps", steps)
              .doesNotThrowAnyException();
          assertThat(storage.isFirstStart()).isTrue();
        } else {
          assertThat(finished).isFalse();
        }
      }
    }
  }

  private static boolean firstStart(SimStorage disk) throws IOException {
    try (LogDirectory logs = open(disk)) {
      new QuorumStorage(disk, ROOT, CLUSTER).announceFirstStart();
      logs.joinCluster(CLUSTER);
      return true;
    } catch (HighwaterException | SimStorage.Crashed e) {
      return false;
    }
  }

  private static boolean joined(SimStorage disk) {
    try (LogDirectory logs = open(disk)) {
      return logs.clusterId().equals(Optional.of(CLUSTER));
    }
  }

  private static LogDirectory open(SimStorage disk) {
    return LogDirectory.open(ROOT, disk, () -> 0, 1, () -> new UUID(1, 2));
  }
}
