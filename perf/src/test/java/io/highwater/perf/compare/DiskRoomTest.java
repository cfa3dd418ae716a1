package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskRoomTest {
  @TempDir private Path directory;

  @Test
  void whatNoDiskHoldsIsSaidBeforeItIsWritten() {
    DiskRoom room = new DiskRoom(new RunSettings(3, 80_000, 80_000, 1L << 50, 1));

    for (String name : List.of("produce/rf1/1KiB/none/16KiB", "restart/sigkill")) {
      assertThatIOException()
          .isThrownBy(() -> room.check(scenario(name), directory))
          .withMessageContainingAll(name, "GB left", "--data");
    }
  }

  @Test
  void roomIsForWarmUpTooAndFollowsTheRate() {
    DiskRoom room = new DiskRoom(new RunSettings(3, 20, 10, 1L << 20, 1));

    assertThat(room.bytes(scenario("latency/rf1/1KiB/1000"))).isBetween(30e6, 50e6);
    assertThat(room.bytes(scenario("produce/rf1/100B/none/16KiB"))).isGreaterThan(10e9);
    assertThatNoException()
        .isThrownBy(() -> room.check(scenario("latency/rf1/1KiB/1000"), directory));
  }

  private static Scenario scenario(String name) {
    return Scenarios.matching(List.of(name)).get(0);
  }
}
