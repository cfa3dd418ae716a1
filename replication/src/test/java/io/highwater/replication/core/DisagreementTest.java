package io.highwater.replication.core;

import static io.highwater.replication.core.LeaderState.Dissent.FOLLOWER_YIELDS;
import static io.highwater.replication.core.LeaderState.Dissent.LEADER_YIELDS;
import static io.highwater.replication.core.LeaderState.Dissent.UNDECIDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** REP-9: who yields; broker 1 leads. */
class DisagreementTest {
  private final Disagreement disagreement = new Disagreement();
  private final InSyncSet all = new InSyncSet(List.of(1, 2, 3), 0);

  @Test
  void aFollowerYieldsToTheLeaderAndAnother() {
    disagreement.agrees(2);
    assertThat(disagreement.differs(3, all, 3)).isEqualTo(FOLLOWER_YIELDS);
  }

  @Test
  void aFollowerOutOfTheInSyncSetYieldsToTheLeader() {
    assertThat(disagreement.differs(3, new InSyncSet(List.of(1, 2), 0), 3))
        .isEqualTo(FOLLOWER_YIELDS);
    assertThat(disagreement.differs(2, new InSyncSet(List.of(1), 0), 3))
        .as("the majority is not in sync, so it is not entitled to lead")
        .isEqualTo(FOLLOWER_YIELDS);
  }

  @Test
  void theLeaderYieldsToAMajorityOfInSyncReplicas() {
    assertThat(disagreement.differs(3, all, 3)).isEqualTo(UNDECIDED);
    assertThat(disagreement.differs(3, all, 3)).as("asked again").isEqualTo(UNDECIDED);
    assertThat(disagreement.differs(2, all, 3)).isEqualTo(LEADER_YIELDS);
  }

  @Test
  void twoReplicasDecideNothingWhileBothAreInSync() {
    InSyncSet both = new InSyncSet(List.of(1, 2), 0);
    assertThat(disagreement.differs(2, both, 2)).isEqualTo(UNDECIDED);
    assertThat(disagreement.differs(2, new InSyncSet(List.of(1), 1), 2)).isEqualTo(FOLLOWER_YIELDS);
  }

  @Test
  void theLastWordOfAFollowerCounts() {
    disagreement.agrees(2);
    assertThat(disagreement.differs(2, all, 3)).isEqualTo(UNDECIDED);
    disagreement.agrees(2);
    assertThat(disagreement.differs(3, all, 3)).isEqualTo(FOLLOWER_YIELDS);
  }
}
