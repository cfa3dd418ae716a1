package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CTL-4: what a member kept is compared with what is remembered of it. */
class MemberProgressTest {
  private static final MemberProgress REMEMBERED = MemberProgress.parse("1 5 2 100");

  @ParameterizedTest
  @CsvSource({
    "1 5 2 100", // the same
    "1 5 2 101", // more entries
    "1 6 - 100", // a newer term, in which it did not vote yet
    "1 6 3 100",
    "2 0 - -1" // begun anew
  })
  void whatDidNotGoBackReachesWhatIsRemembered(String kept) {
    assertThat(MemberProgress.parse(kept).reaches(REMEMBERED)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1 4 2 100", // an older term
    "1 5 - 100", // the vote is forgotten
    "1 5 3 100", // voted for another one
    "1 6 3 99", // entries are missing
    "0 9 2 900" // from before it began anew
  })
  void whatWentBackDoesNot(String kept) {
    assertThat(MemberProgress.parse(kept).reaches(REMEMBERED)).isFalse();
  }

  @Test
  void withoutAVoteRememberedAnyVoteWillDo() {
    MemberProgress remembered = MemberProgress.parse("0 5 - 100");
    assertThat(MemberProgress.parse("0 5 3 100").reaches(remembered)).isTrue();
    assertThat(remembered.reaches(MemberProgress.none(0))).isTrue();
  }

  @Property(tries = 300)
  void bothTogetherReachEachUnlessTheirVotesContradict(
      @ForAll("progress") MemberProgress one, @ForAll("progress") MemberProgress other) {
    MemberProgress both = one.and(other);
    assertThat(both.reaches(one)).isTrue();
    boolean contradict =
        one.generation() == other.generation()
            && one.term() == other.term()
            && !one.vote().isEmpty()
            && !other.vote().isEmpty()
            && !one.vote().equals(other.vote());
    assertThat(both.reaches(other)).isEqualTo(!contradict);
    assertThat(MemberProgress.parse(both.text())).isEqualTo(both);
  }

  @Provide
  Arbitrary<MemberProgress> progress() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 1),
            Arbitraries.longs().between(0, 2),
            Arbitraries.of("", "1", "2"),
            Arbitraries.longs().between(-1, 3))
        .as(MemberProgress::new);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1 2 3", "1 2 - x", "1 2 - 3 4"})
  void otherTextIsRefused(String text) {
    assertThatThrownBy(() -> MemberProgress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
