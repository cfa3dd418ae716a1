package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

final class ComparisonTest {
  @Property
  void theAdvantageOfTheOneIsTheReciprocalOfTheOthers(
      @ForAll Metric metric,
      @ForAll @DoubleRange(min = 1, max = 1e9) double one,
      @ForAll @DoubleRange(min = 1, max = 1e9) double other) {
    double there = Comparison.advantage(metric, one, other);
    double back = Comparison.advantage(metric, other, one);

    assertThat(there * back).isCloseTo(1, within(1e-9));
    assertThat(there > 1).isEqualTo(metric.isHigherBetter() ? one > other : one < other);
  }

  @Property
  void nobodyWinsFromBothSidesAndOverlapsAreNoise(
      @ForAll Metric metric,
      @ForAll @Size(3) List<@DoubleRange(min = 1, max = 9) Double> ones,
      @ForAll @Size(3) List<@DoubleRange(min = 1, max = 9) Double> others) {
    Spread one = Spread.of(ones);
    Spread other = Spread.of(others);

    Verdict there = Comparison.verdict(metric, one, other);
    Verdict back = Comparison.verdict(metric, other, one);

    if (one.overlaps(other)) {
      assertThat(there).isEqualTo(Verdict.WITHIN_NOISE).isEqualTo(back);
    } else {
      assertThat(List.of(there, back)).containsExactlyInAnyOrder(Verdict.BETTER, Verdict.WORSE);
      assertThat(there == Verdict.BETTER)
          .isEqualTo(Comparison.advantage(metric, one.median(), other.median()) > 1);
    }
  }

  @Example
  void lessIsBetterForLatencyAndMoreForThroughput() {
    Spread low = new Spread(2, 1, 3, 3);
    Spread high = new Spread(5, 4, 6, 3);

    assertThat(Comparison.verdict(Metric.RECORDS_PER_SECOND, high, low)).isEqualTo(Verdict.BETTER);
    assertThat(Comparison.verdict(Metric.LATENCY_P99_MICROS, high, low)).isEqualTo(Verdict.WORSE);
  }

  @Example
  void twoRoundsClaimNothing() {
    assertThat(
            Comparison.verdict(
                Metric.RECORDS_PER_SECOND, new Spread(9, 9, 9, 2), new Spread(1, 1, 1, 3)))
        .isEqualTo(Verdict.TOO_FEW_ROUNDS);
  }

  @Example
  void aFailedRoundTakesTheVerdictButNotTheFigures() {
    SystemSummary ours = summary(measured("highwater", 3));
    SystemSummary theirs =
        summary(
            List.of(
                SampleLines.measured("kafka", 1, 1),
                SampleLines.measured("kafka", 2, 1),
                SampleLines.unmeasured("kafka", 3, Outcome.FAILED, "gone")));

    Comparison comparison = Comparison.of(Metric.RECORDS_PER_SECOND, ours, theirs);

    assertThat(comparison.verdict()).isEqualTo(Verdict.INCOMPLETE);
    assertThat(comparison.advantage()).isEqualTo(10);
    assertThat(theirs.problems()).containsExactly("round 3 failed: gone");
    assertThat(theirs.measured()).isEqualTo(2);
  }

  @Example
  void aSkippedSystemHasNoAdvantage() {
    SystemSummary theirs =
        summary(List.of(SampleLines.unmeasured("kafka", 0, Outcome.SKIPPED, "not resolved")));

    Comparison comparison =
        Comparison.of(Metric.RECORDS_PER_SECOND, summary(measured("highwater", 3)), theirs);

    assertThat(comparison.verdict()).isEqualTo(Verdict.INCOMPLETE);
    assertThat(comparison.advantageText()).isEqualTo("–");
    assertThat(theirs.problems()).containsExactly("skipped: not resolved");
  }

  private static List<ResultLine> measured(String system, int rounds) {
    return IntStream.rangeClosed(1, rounds)
        .mapToObj(round -> SampleLines.measured(system, round, 10))
        .toList();
  }

  private static SystemSummary summary(List<ResultLine> lines) {
    return ScenarioSummary.of(lines).get(0).systems().get(0);
  }
}
