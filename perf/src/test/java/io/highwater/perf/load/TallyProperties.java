package io.highwater.perf.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class TallyProperties {
  @Property
  void theOrderDoesNotMatter(@ForAll @Size(max = 50) List<byte[]> records, @ForAll Random random) {
    List<byte[]> shuffled = new ArrayList<>(records);
    Collections.shuffle(shuffled, random);

    assertThat(tally(shuffled)).isEqualTo(tally(records));
  }

  @Property
  void aBitThatChangedShows(
      @ForAll @Size(min = 1, max = 20) List<@Size(min = 1, max = 30) byte[]> records,
      @ForAll @IntRange(min = 0, max = 7) int bit,
      @ForAll Random random) {
    Tally before = tally(records);
    byte[] changed = records.get(random.nextInt(records.size()));
    changed[random.nextInt(changed.length)] ^= (byte) (1 << bit);

    assertThat(tally(records)).isNotEqualTo(before);
  }

  private static Tally tally(List<byte[]> records) {
    TallyVisitor visitor = new TallyVisitor();
    records.forEach(record -> visitor.record(0, 0, record, 0, record.length));
    return visitor.tally();
  }
}
