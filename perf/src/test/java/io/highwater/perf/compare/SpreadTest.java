package io.highwater.perf.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

final class SpreadTest {
  @Property
  void halfOfTheValuesLieOnEachSideOfTheMedian(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = -1e9, max = 1e9) Double> values) {
    Spread spread = Spread.of(values);

    assertThat(values.stream().filter(value -> value <= spread.median()).count() * 2)
        .isGreaterThanOrEqualTo(values.size());
    assertThat(values.stream().filter(value -> value >= spread.median()).count() * 2)
        .isGreaterThanOrEqualTo(values.size());
    assertThat(spread.min()).isEqualTo(Collections.min(values));
    assertThat(spread.max()).isEqualTo(Collections.max(values));
    assertThat(spread.median()).isBetween(spread.min(), spread.max());
    assertThat(spread.rounds()).isEqualTo(values.size());
  }

  @Property
  void theOrderOfRoundsDoesNotMatter(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0, max = 1e9) Double> values,
      @ForAll long seed) {
    List<Double> shuffled = new ArrayList<>(values);
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(Spread.of(shuffled)).isEqualTo(Spread.of(values));
  }

  @Property
  void rangesOverlapUnlessAllRoundsOfOneLieBeyondAllOfTheOther(
      @ForAll @Size(min = 1, max = 5) List<@DoubleRange(min = 0, max = 10) Double> ones,
      @ForAll @Size(min = 1, max = 5) List<@DoubleRange(min = 0, max = 10) Double> others) {
    Spread one = Spread.of(ones);
    Spread other = Spread.of(others);

    boolean below = ones.stream().allMatch(a -> others.stream().allMatch(b -> a < b));
    boolean above = ones.stream().allMatch(a -> others.stream().allMatch(b -> a > b));
    assertThat(one.overlaps(other)).isEqualTo(!below && !above);
    assertThat(other.overlaps(one)).isEqualTo(one.overlaps(other));
  }

  @Example
  void theMedianOfTwoIsTheirMean() {
    assertThat(Spread.of(List.of(3.0, 1.0)).median()).isEqualTo(2.0);
  }

  @Example
  void noValuesHaveNoSpread() {
    assertThatIllegalArgumentException().isThrownBy(() -> Spread.of(List.of()));
  }
}
