package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScenariosTest {
  @Test
  void everyCombinationIsThereOnce() {
    List<String> names = Scenarios.ALL.stream().map(Scenario::name).toList();
    List<String> produce = new ArrayList<>();
    for (String rf : List.of("rf1", "rf3")) {
      for (String size : List.of("100B", "1KiB")) {
        for (String codec : List.of("none", "lz4", "zstd")) {
          for (String batch : List.of("16KiB", "256KiB")) {
            produce.add(String.join("/", "produce", rf, size, codec, batch));
          }
        }
      }
    }

    assertThat(names)
        .doesNotHaveDuplicates()
        .containsAll(produce)
        .contains(
            "consume/rf1/100B",
            "consume/rf1/1KiB",
            "latency/rf1/1KiB/1000",
            "latency/rf1/1KiB/10000",
            "latency/rf1/1KiB/sync",
            "latency/rf3/1KiB/1000",
            "latency/rf3/1KiB/10000",
            "latency/rf3/1KiB/sync",
            "start/first-ack",
            "start/memory",
            "restart/sigkill",
            "failover/sigkill",
            "failover/controller",
            "disk/100B/zstd",
            "embedded/append/100B",
            "embedded/append/1KiB",
            "embedded/read/100B",
            "embedded/read/1KiB",
            "floor/tcp/1KiB");
  }

  @Test
  void labelsAreUniqueWithinTheirGroup() {
    assertThat(Scenarios.ALL.stream().map(one -> one.group() + ": " + one.label()))
        .doesNotHaveDuplicates();
  }

  @Test
  void starsMatchAcrossSlashesAndNothingElseIsSpecial() {
    assertThat(Scenarios.matching(List.of("produce/rf1/*/none/*"))).hasSize(4);
    assertThat(Scenarios.matching(List.of("*256KiB", "consume/rf1/1??B")))
        .hasSize(14)
        .isSubsetOf(Scenarios.ALL);
    assertThat(Scenarios.matching(List.of())).isEqualTo(Scenarios.ALL);
  }

  @Test
  void aPatternThatMatchesNothingIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scenarios.matching(List.of("consume/*", "[a-z]+")))
        .withMessageContaining("'[a-z]+'");
  }
}
