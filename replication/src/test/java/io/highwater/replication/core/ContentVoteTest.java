package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** REP-10: who is outvoted. */
class ContentVoteTest {
  @Test
  void theMinorityIsOutvoted() {
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "a", 3, "b"), 3)).containsExactly(3);
    assertThat(ContentVote.outvoted(Map.of(1, "b", 2, "a", 3, "a"), 3)).containsExactly(1);
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "a", 3, "a", 4, "b", 5, "c"), 5))
        .containsExactly(4, 5);
  }

  @Test
  void nobodyIsWhereAllAgreeOrNoMajorityIsHeard() {
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "a", 3, "a"), 3)).isEmpty();
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "b"), 2)).isEmpty();
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "b"), 3)).as("one is silent").isEmpty();
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "b", 3, "c"), 3)).isEmpty();
    assertThat(ContentVote.outvoted(Map.of(1, "a", 2, "a", 3, "b", 4, "b"), 4)).isEmpty();
  }
}
