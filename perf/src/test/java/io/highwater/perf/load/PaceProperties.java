package io.highwater.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class PaceProperties {
  @Property
  void aSecondHoldsAsManyRecordsAsTheRateSays(
      @ForAll @DoubleRange(min = 1, max = 1e6) double perSecond,
      @ForAll @LongRange(min = 0, max = 100_000) long index) {
    Pace pace = new Pace(1_000, perSecond);

    assertThat(pace.dueNanos(index)).isLessThanOrEqualTo(pace.dueNanos(index + 1));
    assertThat((pace.dueNanos(index) - 1_000) / 1e9 * perSecond)
        .isBetween(index - 0.01, index + 0.01);
  }

  @Property
  void producersTogetherSendWhenOneWouldHave(
      @ForAll @DoubleRange(min = 1, max = 1e6) double perSecond,
      @ForAll @IntRange(min = 1, max = 8) int parts) {
    Pace whole = new Pace(0, perSecond);
    List<Long> together = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      Pace share = whole.share(part, parts);
      for (int n = 0; n < 10; n++) {
        together.add(share.dueNanos(n));
      }
    }
    together.sort(null);

    for (int i = 0; i < together.size(); i++) {
      assertThat(Math.abs(together.get(i) - whole.dueNanos(i))).isLessThanOrEqualTo(2);
    }
  }

  @Property
  void sharesOfAnExtentAreTheWhole(
      @ForAll @LongRange(min = 1, max = 1_000_000) long records,
      @ForAll @IntRange(min = 1, max = 16) int parts) {
    long sum = 0;
    for (int part = 0; part < parts; part++) {
      sum += Extent.ofRecords(records).share(part, parts).records();
    }
    assertThat(sum).isEqualTo(records);
  }
}
