package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who waits for a leader reads who has to do what, and nothing that would not help. */
class LeaderlessPartitionTest {
  private static final String ELECT =
      "`./highwater partition elect orders --partition 0 --unclean`"
          + " (or unclean.leader.election.enable of the topic) lets ";

  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  private String reason() {
    assertThat(cluster.partition().hasLeader()).isFalse();
    return new LeaderlessPartition(cluster.state.image(), cluster.topic(), cluster.partition())
        .reason();
  }

  @Test
  void anOnlyReplicaThatIsDownIsToBeStarted() {
    cluster.create(1, 1);
    cluster.fence(1);
    assertThat(reason())
        .isEqualTo(
            "the partition has no leader: its only replica is on broker 1; start broker 1, which is"
                + " down or cut off");
    cluster.start(1);
    assertThat(reason()).endsWith("broker 1; broker 1 is still opening its log");
  }

  @Test
  void anOnlyReplicaThatIsDamagedIsToBeMendedWhereItLies() {
    cluster.create(1, 1);
    cluster.offline(1);
    assertThat(reason())
        .isEqualTo(
            "the partition has no leader: its only replica is on broker 1; broker 1 cannot serve"
                + " its log: the broker's own log and `./highwater log verify` there say why; put"
                + " the files back and restart it, or save what can be read with `./highwater log"
                + " salvage`");
  }

  @Test
  void aLogDirectoryThatIsAwayIsToBeBroughtBackAndNotVerified() {
    cluster.create(1, 1);
    cluster.absent(1);
    assertThat(reason())
        .contains("broker 1 has started without the log directory that may hold its log: bring")
        .contains("storage format --data FIRST --accept-directory-loss ID")
        .doesNotContain("log verify", "log salvage", "cannot serve");

    cluster.offline(1);
    assertThat(reason())
        .as("it is there and damaged")
        .contains("log verify")
        .doesNotContain("accept-directory-loss");
  }

  @Test
  void allThatCouldHelpAreToBeStartedAndNotOnlyOne() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.fence(1);
    assertThat(cluster.partition().elr()).containsExactly(1, 2);
    assertThat(reason())
        .contains("the last in sync were brokers 1, 2; start all of brokers 1, 2, which")
        .contains("(one is enough if it was stopped cleanly)")
        .endsWith(
            "failing that, start broker 3, then "
                + ELECT
                + "broker 3 lead without what is missing there");
    cluster.start(3);
    assertThat(reason())
        .endsWith("failing that, " + ELECT + "broker 3 lead without what is missing there");

    cluster.start(2);
    cluster.fence(2);
    cluster.start(1);
    assertThat(cluster.partition().uncleanCandidates()).contains(1, 2);
    assertThat(reason())
        .contains("restarted uncleanly", "start broker 2, which", "brokers 1, 3 are still opening")
        .doesNotContain("one is enough");
  }

  @Test
  void whileLogsAreBeingOpenedNothingIsToBeDone() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    assertThat(reason())
        .endsWith("or are damaged; brokers 1, 2, 3 are still opening their logs")
        .doesNotContain("elect");
  }

  @Test
  void beforeAnUncleanElectionIsNamedWhatItWouldLose() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    cluster.offline(2);
    cluster.report(2, 1, 80, 80);
    cluster.report(1, 1, 70, 60);
    cluster.report(3, 1, 75, 60);
    assertThat(reason())
        .contains("broker 2 cannot serve its log", "put the files back and restart it")
        .contains("offsets below 80 are known to have been committed; failing that, " + ELECT)
        .endsWith("lets brokers 1, 3 lead without what is missing there");

    cluster.fence(2);
    cluster.start(2);
    cluster.report(2, 1, 70, 60);
    assertThat(reason())
        .as("who knew of more came back without its log, and is sound")
        .contains("below 80 are known")
        .endsWith(ELECT + "brokers 1, 2, 3 lead without what is missing there");

    cluster.accept(
        new AlterTopicConfigs(
            ClusterFixture.TOPIC_ID, Map.of("unclean.leader.election.enable", "true"), List.of()));
    assertThat(reason())
        .endsWith(
            "80 are known to have been committed; an unclean election follows, as the topic allows");
  }

  @Test
  void whereAllAreDamagedNoElectionHelps() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
      cluster.offline(id);
    }
    assertThat(reason())
        .contains("brokers 1, 2, 3 cannot serve their logs", "restart them", "log salvage")
        .doesNotContain("elect");
  }
}
