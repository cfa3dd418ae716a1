package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.highwater.perf.load.Extent;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.Tally;
import io.highwater.perf.system.ComparedSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparerTest {
  private static final RunSettings SETTINGS = new RunSettings(3, 20, 10, 1L << 30, 1);
  private static final String PRODUCE = "produce/rf3/100B/none/16KiB";

  @TempDir private Path directory;

  private final List<String> turns = new ArrayList<>();
  private final List<ResultLine> lines = new ArrayList<>();
  private Comparer comparer;

  @Test
  void systemsTakeTurnsInEachScenario() throws IOException {
    compare(
        "produce/rf1/100B/none/*", List.of(new FakeSystem("highwater"), new FakeSystem("kafka")));

    assertThat(turns)
        .containsExactly(
            "produce/rf1/100B/none/16KiB highwater 1",
            "produce/rf1/100B/none/16KiB kafka 1",
            "produce/rf1/100B/none/16KiB highwater 2",
            "produce/rf1/100B/none/16KiB kafka 2",
            "produce/rf1/100B/none/16KiB highwater 3",
            "produce/rf1/100B/none/16KiB kafka 3",
            "produce/rf1/100B/none/256KiB highwater 1",
            "produce/rf1/100B/none/256KiB kafka 1",
            "produce/rf1/100B/none/256KiB highwater 2",
            "produce/rf1/100B/none/256KiB kafka 2",
            "produce/rf1/100B/none/256KiB highwater 3",
            "produce/rf1/100B/none/256KiB kafka 3");
    assertThat(lines).extracting(ResultLine::outcome).containsOnly(Outcome.MEASURED).hasSize(12);
  }

  @Test
  void aLineSaysWhatWasMeasuredAndUnderWhichConditions() throws IOException {
    compare(PRODUCE, List.of(new FakeSystem("highwater")));

    ResultLine line = lines.get(0);
    assertThat(line.metrics())
        .containsEntry("recordsPerSecond", 2_000.0)
        .containsEntry("cpuMicrosPerRecord", 2.25)
        .containsEntry("brokerCpuMicrosPerRecord", 0.75)
        .containsEntry("diskBytesPerRecord", 110_000 / 1_000.0 / 3);
    assertThat(line.configuration())
        .containsEntry("acks", "all")
        .containsEntry("codec", "none")
        .containsEntry("batchBytes", "16384")
        .containsEntry("setup", "version: fake")
        .containsKey("flush");
    assertThat(line.commit()).isEqualTo("c0ffee");
    assertThat(line.conditions()).isEqualTo(SampleLines.CONDITIONS);
    assertThat(line.run()).isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void allSystemsGetTheSameWorkAndItIsReadBack() throws IOException {
    FakeSystem ours = new FakeSystem("highwater");
    FakeSystem theirs = new FakeSystem("kafka");

    compare(PRODUCE, List.of(ours, theirs));

    assertThat(ours.loads()).isEqualTo(theirs.loads()).hasSize(6);
    LoadSpec written = ours.loads().get(0);
    assertThat(written.warmup()).isEqualTo(Extent.ofMillis(10_000));
    assertThat(written.measured()).isEqualTo(Extent.ofMillis(20_000));
    assertThat(ours.loads().get(1).expected()).isEqualTo(FakeSystem.WRITTEN);
  }

  @Test
  void recordsThatAreMissingOrDifferMakeARoundUnsound() throws IOException {
    compare(PRODUCE, List.of(new FakeSystem("kafka").reading(new Tally(999, 99_900, 41))));
    compare(PRODUCE, List.of(new FakeSystem("kafka").reading(new Tally(1_000, 100_000, 41))));
    compare(PRODUCE, List.of(new FakeSystem("kafka").failingToSend("NOT_LEADER: no\nleader")));

    assertThat(lines).hasSize(9).extracting(ResultLine::outcome).containsOnly(Outcome.UNSOUND);
    assertThat(lines).allSatisfy(line -> assertThat(line.metrics()).isEmpty());
    assertThat(lines.get(0).reason()).contains("999", "1,000");
    assertThat(lines.get(3).reason()).contains("checksum");
    assertThat(lines.get(6).reason()).contains("5 records failed", "NOT_LEADER: no leader");
  }

  @Test
  void aSystemThatFailsIsReportedAndTheOthersGoOn() throws IOException {
    FakeSystem sound = new FakeSystem("highwater");

    compare(PRODUCE, List.of(new FakeSystem("kafka").failingToStart("port\ntaken"), sound));

    assertThat(lines)
        .filteredOn(line -> line.system().equals("kafka"))
        .hasSize(3)
        .allMatch(line -> line.outcome() == Outcome.FAILED && line.reason().equals("port taken"));
    assertThat(lines)
        .filteredOn(line -> line.system().equals("highwater"))
        .hasSize(3)
        .allMatch(line -> line.outcome() == Outcome.MEASURED);
    assertThat(sound.stillRunning()).isZero();
  }

  @Test
  void aPeerThatCannotBeHadIsSkippedOncePerScenarioAndAskedOnce() throws IOException {
    FakeSystem absent = new FakeSystem("kafka").skippedBecause("not resolved: offline");

    compare("consume/*", List.of(new FakeSystem("highwater"), absent));

    assertThat(lines)
        .filteredOn(line -> line.outcome() == Outcome.SKIPPED)
        .hasSize(2)
        .allMatch(line -> line.reason().equals("not resolved: offline"));
    assertThat(absent.started()).isZero();
    assertThat(absent.skipQuestions()).isEqualTo(1);
  }

  @Test
  void roundsStartWithNothingAndLeaveNothing() throws IOException {
    FakeSystem system = new FakeSystem("highwater");

    compare(PRODUCE, List.of(system));

    assertThat(system.started()).isEqualTo(3);
    assertThat(system.stillRunning()).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFullDiskEndsTheComparisonBeforeTheRoundThatNeedsIt() {
    assertThatIOException()
        .isThrownBy(
            () ->
                compare(
                    PRODUCE,
                    List.of(new FakeSystem("highwater")),
                    (scenario, path) -> {
                      if (lines.size() == 2) {
                        throw new IOException("full");
                      }
                    }))
        .withMessage("full");

    assertThat(lines).hasSize(2);
  }

  @Test
  void onceStoppedNoRoundBegins() throws IOException {
    compare(
        PRODUCE,
        List.of(new FakeSystem("highwater"), new FakeSystem("kafka")),
        (scenario, path) -> {
          if (lines.size() == 3) {
            comparer.stop();
          }
        });

    // The round that was being prepared still ran.
    assertThat(turns).hasSize(4);
    assertThat(lines).hasSize(4);
  }

  private void compare(String only, List<? extends ComparedSystem> systems) throws IOException {
    compare(only, systems, (scenario, path) -> {});
  }

  private void compare(
      String only, List<? extends ComparedSystem> systems, Comparer.Preparation preparation)
      throws IOException {
    Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);
    comparer = new Comparer(SETTINGS, SampleLines.CONDITIONS, "c0ffee", preparation, clock);
    comparer.run(
        Scenarios.matching(List.of(only)),
        List.copyOf(systems),
        directory,
        new ComparisonListener() {
          @Override
          public void roundBegins(Scenario scenario, String system, int round) {
            turns.add(scenario.name() + " " + system + " " + round);
          }

          @Override
          public void lineAdded(ResultLine line) {
            lines.add(line);
          }
        });
  }
}
