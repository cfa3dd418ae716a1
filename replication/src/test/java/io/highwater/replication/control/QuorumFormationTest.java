package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.QuorumFormation.Answer;
import io.highwater.replication.control.QuorumFormation.Confirm;
import io.highwater.replication.control.QuorumFormation.Form;
import io.highwater.replication.control.QuorumFormation.Refuse;
import io.highwater.replication.control.QuorumFormation.Wait;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** CTL-4: what a controller with an empty directory makes of the others' answers. */
class QuorumFormationTest {
  private static final UUID NEW = new UUID(9, 9);
  private static final long NOT_CONFIRMED = -1;

  /** Knows brokers 1 and 3. */
  private final ClusterImage without = ClusterFixture.withBrokers(1, 3).state.image();

  /** Has come further, and knows broker 2 as well. */
  private final ClusterImage with = ClusterFixture.withBrokers(1, 3, 2).state.image();

  private final UUID known = with.broker(2).directoryId();
  private final QuorumFormation formation = of(NEW);

  private static QuorumFormation of(UUID directoryId) {
    return new QuorumFormation(2, directoryId, new TreeSet<>(List.of(1, 3)));
  }

  private static Answer has(ClusterImage image) {
    return new Answer(true, image);
  }

  @Test
  void itWaitsForWhomeverIsSilent() {
    assertThat(formation.judge(Map.of(), NOT_CONFIRMED))
        .isEqualTo(new Wait(new TreeSet<>(List.of(1, 3))));
    assertThat(formation.judge(Map.of(1, Answer.NOTHING), NOT_CONFIRMED))
        .isEqualTo(new Wait(new TreeSet<>(List.of(3))));
    assertThat(formation.judge(Map.of(3, has(without)), without.index()))
        .isEqualTo(new Wait(new TreeSet<>(List.of(1))));
  }

  @Test
  void whenNobodyHasAnythingItForms() {
    assertThat(formation.judge(Map.of(1, Answer.NOTHING, 3, Answer.NOTHING), NOT_CONFIRMED))
        .isEqualTo(new Form());
  }

  @Test
  void whoIsKnownWithAnotherDirectoryIsRefusedThoughOthersAreSilent() {
    assertThat(formation.judge(Map.of(3, has(with)), NOT_CONFIRMED)).isEqualTo(new Refuse(known));
    assertThat(formation.judge(Map.of(1, has(without), 3, has(with)), without.index()))
        .isEqualTo(new Refuse(known));
  }

  @Test
  void whoKnowsMostIsBelieved() {
    ClusterImage newer = ClusterFixture.withBrokers(1, 2, 3, 4).state.image();

    assertThat(of(known).judge(Map.of(1, has(newer), 3, has(without)), newer.index()))
        .isEqualTo(new Form());
    assertThat(formation.judge(Map.of(1, has(newer), 3, has(without)), newer.index()))
        .isEqualTo(new Refuse(known));
  }

  /** What was restarted has not applied all that it has: it may know this one without saying so. */
  @Test
  void entriesCountOnlyOnceTheOthersCommittedOneMore() {
    Map<Integer, Answer> restarted = Map.of(1, has(ClusterImage.EMPTY), 3, Answer.NOTHING);
    assertThat(formation.judge(restarted, NOT_CONFIRMED)).isEqualTo(new Confirm());

    Map<Integer, Answer> answers = Map.of(1, has(without), 3, has(ClusterImage.EMPTY));
    assertThat(formation.judge(answers, NOT_CONFIRMED)).isEqualTo(new Confirm());
    assertThat(formation.judge(answers, without.index() + 1)).isEqualTo(new Confirm());
    assertThat(formation.judge(answers, without.index())).isEqualTo(new Form());
  }
}
