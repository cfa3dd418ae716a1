package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import io.highwater.replication.control.RecordLoss.Cause;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What may be lost is on record (LEP-7, ISR-4). */
class LossRecordTest {
  private static final TopicIdPartition ID = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);

  private ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  private void allUnclean() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    assertThat(cluster.partition().lastEligible()).containsExactly(2, 3);
  }

  private RecordLoss loss() {
    List<RecordLoss> losses = cluster.partition().losses();
    assertThat(losses).hasSize(1);
    return losses.get(0);
  }

  @Test
  void theElectionOfTheLongestLogMayHaveCostWhatCameAfterIt() {
    allUnclean();
    cluster.report(1, 1, 90, 80);
    cluster.report(2, 1, 100, 80);
    cluster.report(3, 1, 95, 85);

    assertThat(loss())
        .isEqualTo(
            new RecordLoss(
                cluster.partition().leaderEpoch(), 100, RecordLoss.UNKNOWN, Cause.ALL_UNCLEAN));
    assertThat(loss().touches(100)).as("all before it was read").isFalse();
    assertThat(loss().touches(101)).isTrue();
    assertThat(cluster.state.image().lossCounts()).isEqualTo(new LossCounts(0, 1, 0));
  }

  @Test
  void aHighWatermarkBeyondTheLongestLogShowsThatSomethingIsMissing() {
    allUnclean();
    cluster.report(1, 1, 90, 80);
    cluster.report(2, 1, 0, 0);
    cluster.report(3, 1, 40, 120);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().isCertain()).isTrue();
    assertThat(loss().endOffset()).isEqualTo(120);
    assertThat(loss().fromOffset())
        .as("the winner had left earlier: it vouches for what it knew to be committed")
        .isEqualTo(80);
  }

  @Test
  void oneThatHadLeftEarlierVouchesForWhatItSharesWithOneThatHadAll() {
    allUnclean();
    cluster.report(1, 1, 90, 0);
    cluster.report(2, 1, 60, 0);
    cluster.report(3, 1, 70, 0);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().fromOffset()).isEqualTo(70);
  }

  @Test
  void theOnlyReplicaIsElectedAndWhatItMissesIsOnRecord() {
    cluster.create(1, 1);
    cluster.start(1);
    cluster.report(1, 0, 5, 9);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss())
        .isEqualTo(new RecordLoss(cluster.partition().leaderEpoch(), 5, 9, Cause.ALL_UNCLEAN));
  }

  @Test
  void withGroupCommitTheElectionIsOnRecordAndCostsNothing() {
    cluster.create(2, 1, 2, 3);
    cluster.accept(
        new AlterTopicConfigs(ClusterFixture.TOPIC_ID, Map.of("flush.policy", "group"), List.of()));
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    cluster.report(1, 1, 90, 80);
    cluster.report(2, 1, 100, 80);
    cluster.report(3, 1, 95, 85);

    assertThat(loss().isNone()).isTrue();
    assertThat(loss().touches(1_000)).isFalse();
    assertThat(cluster.state.image().lossCounts().longestLog()).isEqualTo(1);
  }

  /** Exchanged directories everywhere: those know their high watermark, and serve nothing. */
  @Test
  void damagedReplicasDoNotVouchForWhatAnotherOneHas() {
    TopicIdPartition id = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);
    cluster.create(2, 1, 2, 3);
    cluster.accept(
        new AlterTopicConfigs(ClusterFixture.TOPIC_ID, Map.of("flush.policy", "group"), List.of()));
    for (int broker = 1; broker <= 3; broker++) {
      cluster.start(broker);
    }
    for (int broker = 2; broker <= 3; broker++) {
      cluster.accept(new ReplicasOffline(broker, cluster.epoch(broker), List.of(id)));
      cluster.report(broker, 1, 80, 80);
    }
    cluster.report(1, 1, 90, 80);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().isNone()).as("2 and 3 may have held more that was acknowledged").isFalse();
    assertThat(loss().fromOffset()).isLessThanOrEqualTo(90);
  }

  /** One that lacks what a damaged replica knew to be committed leads nothing (ISR-4). */
  @Test
  void whereAllReplicasAreDamagedOrLackWhatTheyKnewNobodyLeads() {
    TopicIdPartition id = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);
    allKilled();
    for (int broker = 1; broker <= 3; broker++) {
      cluster.accept(new ReplicasOffline(broker, cluster.epoch(broker), List.of(id)));
      cluster.report(broker, 1, 80, 80);
    }
    assertThat(cluster.partition().hasLeader()).isFalse();
    cluster = ClusterFixture.withBrokers(1, 2, 3);
    allKilled();
    cluster.accept(new ReplicasOffline(2, cluster.epoch(2), List.of(id)));
    cluster.report(2, 1, 80, 80);
    cluster.report(1, 1, 70, 60);
    cluster.report(3, 1, 75, 60);
    assertThat(cluster.partition().hasLeader()).isFalse();
  }

  @Test
  void anAcknowledgedLossStaysOnRecordAndIsOpenNoMore() {
    TopicIdPartition id = new TopicIdPartition(ClusterFixture.TOPIC_ID, 0);
    allUnclean();
    for (int broker = 1; broker <= 3; broker++) {
      cluster.report(broker, 1, 100);
    }
    assertThat(loss().isOpen()).isTrue();
    LossCounts counts = cluster.state.image().lossCounts();
    cluster.accept(new AcknowledgeLosses(List.of(id)));
    assertThat(loss().isOpen()).isFalse();
    assertThat(loss().acknowledged()).isTrue();
    assertThat(loss().touches(101)).as("readers are told").isTrue();
    assertThat(cluster.state.image().lossCounts()).isEqualTo(counts);
    int epoch = cluster.partition().partitionEpoch();
    cluster.accept(new AcknowledgeLosses(List.of(id)));
    assertThat(cluster.partition().partitionEpoch()).as("nothing changed").isEqualTo(epoch);

    cluster.accept(missing(100, 130));
    assertThat(loss().isOpen()).as("more is known to be lost than was acknowledged").isTrue();
  }

  private void allKilled() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.restartKilled(id);
    }
  }

  @Test
  void whereAllWereOnlyKilledNothingIsMissingButByOtherHandsAndNothingIsCounted() {
    allKilled();
    for (int id = 1; id <= 3; id++) {
      cluster.report(id, 1, 100, 90);
    }
    assertThat(loss().cause()).isEqualTo(Cause.ALL_KILLED);
    assertThat(loss().isHarmless()).isTrue();
    assertThat(loss().touches(100)).isFalse();
    assertThat(loss().touches(101)).as("a reader who knows better is told").isTrue();
    assertThat(loss().text())
        .endsWith(
            "nothing is missing unless log files were replaced or removed before the restart");
    assertThat(cluster.state.image().lossCounts()).isEqualTo(LossCounts.NONE);
    assertThat(cluster.partition().tellsOfLoss(100, 101)).isFalse();
    cluster.accept(missing(100, 101));
    assertThat(cluster.partition().losses().get(1).cause()).isEqualTo(Cause.FOUND_MISSING);
    assertThat(cluster.state.image().lossCounts().foundMissing()).isEqualTo(1);
  }

  /** Its leader had begun an epoch and written nothing in it; of which the records were is lost. */
  @Test
  void logsThatRetentionEmptiedLostNothingWhateverEpochsTheyKnow() {
    allKilled();
    cluster.report(1, 5, 100, 100);
    cluster.report(2, 4, 100, 100);
    cluster.report(3, 4, 100, 100);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().cause()).isEqualTo(Cause.ALL_KILLED);
  }

  @Test
  void aLogOfANewerEpochVouchesOnlyForWhatItKnowsToBeCommitted() {
    allKilled();
    cluster.report(1, 5, 105, 99);
    cluster.report(2, 4, 100, 90);
    cluster.report(3, 4, 100, 90);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
    assertThat(loss().fromOffset()).isEqualTo(99);
  }

  @Test
  void oneWhoseMachineMayHaveStoppedMakesItALossAgain() {
    for (int doubtful = 1; doubtful <= 3; doubtful++) {
      cluster = ClusterFixture.withBrokers(1, 2, 3);
      cluster.create(2, 1, 2, 3);
      for (int id = 1; id <= 3; id++) {
        if (id == doubtful) {
          cluster.start(id);
        } else {
          cluster.restartKilled(id);
        }
      }
      for (int id = 1; id <= 3; id++) {
        cluster.report(id, 1, 100, 90);
      }
      assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
    }
  }

  /** It was not in sync since: what it lacks it lacks after a kill as well. */
  @Test
  void whoHadLostSomethingBeforeIsNotOnlyKilled() {
    cluster.create(2, 1, 2, 3);
    cluster.start(1);
    for (int id = 1; id <= 3; id++) {
      cluster.restartKilled(id);
    }
    assertThat(cluster.partition().killed()).containsExactly(2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.report(id, 1, 100, 90);
    }
    assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
  }

  @Test
  void whatIsKnownToBeMissingIsALossAlthoughAllWereKilled() {
    cluster.create(1, 1);
    cluster.restartKilled(1);
    cluster.report(1, 0, 5, 9);
    assertThat(loss())
        .isEqualTo(new RecordLoss(cluster.partition().leaderEpoch(), 5, 9, Cause.ALL_UNCLEAN));
  }

  /** All logs are older copies, and the one that had left first knows best what was committed. */
  @Test
  void whatAnyKilledReplicaKnewToBeCommittedCounts() {
    allKilled();
    assertThat(cluster.partition().lastEligible()).doesNotContain(1);
    cluster.report(1, 1, 80, 100);
    cluster.report(2, 1, 50, 60);
    cluster.report(3, 1, 50, 60);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss())
        .isEqualTo(new RecordLoss(cluster.partition().leaderEpoch(), 80, 100, Cause.ALL_UNCLEAN));
    assertThat(loss().isOpen()).isTrue();
    assertThat(cluster.state.image().lossCounts().longestLog()).isEqualTo(1);
  }

  @Test
  void aReplicaThatCannotBeServedIsNotOnlyKilled() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.restartKilled(id);
    }
    cluster.accept(
        new ReplicasOffline(
            1, cluster.epoch(1), List.of(new TopicIdPartition(ClusterFixture.TOPIC_ID, 0))));
    assertThat(cluster.partition().killed()).containsExactly(2, 3);
  }

  /** A broker whose log directories are of different times vouches for those that fit. */
  @Test
  void onlyReplicasOfWhichTheLastRunIsKnownAreTakenForWhole() {
    cluster.create(1, 1);
    UUID other = new UUID(8, 8);
    cluster.accept(new CreateTopic("other", other, List.of(List.of(1)), Map.of()));
    RegisterBroker plain = cluster.register(1, -1);
    cluster.accept(
        new RegisterBroker(
            1,
            plain.incarnation(),
            plain.directoryId(),
            new LastRun(cluster.epoch(1), -1, Optional.of(Set.of(ID))),
            plain.expectedBrokerEpoch(),
            plain.endpoints(),
            plain.version(),
            "",
            plain.features()));

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().losses()).isEmpty();
    PartitionImage doubtful = cluster.state.image().topic(other).partition(0);
    assertThat(doubtful.hasLeader()).isFalse();
    assertThat(doubtful.uncleanCandidates()).containsExactly(1);
    assertThat(doubtful.killed()).isEmpty();
  }

  @Test
  void belowTheLevelThatCanSayOfWhichNothingIsKnownOfTheLastRun() {
    LastRun some = new LastRun(5, -1, Optional.of(Set.of(ID)));
    assertThat(some.at(LastRun.ONLY_LEVEL)).isEqualTo(some);
    assertThat(some.at(LastRun.ONLY_LEVEL - 1)).isEqualTo(LastRun.UNKNOWN);
    assertThat(LastRun.stopped(5).at(1)).isEqualTo(LastRun.stopped(5));
  }

  private void singleCopyWhoseDirectoryIsAway() {
    cluster.create(1, 1);
    cluster.restartCleanly(1);
    cluster.accept(new ReplicasOffline(1, cluster.epoch(1), List.of(ID), true));
    assertThat(cluster.partition().hasLeader()).isFalse();
    assertThat(cluster.state.image().broker(1).offline()).containsExactly(ID);
  }

  @Test
  void whoseDirectoryWasAwayAndIsBackAsItWasLostNothing() {
    singleCopyWhoseDirectoryIsAway();
    cluster.restartCleanly(1);
    cluster.report(1, 0, 5, 5);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(loss().isHarmless()).isTrue();
    assertThat(loss().text()).contains("log directories away");
    assertThat(cluster.state.image().lossCounts()).isEqualTo(LossCounts.NONE);
  }

  @Test
  void whoseDirectoryWasAwayAndThenThereAfterAKillLostNothing() {
    singleCopyWhoseDirectoryIsAway();
    cluster.restartKilled(1);
    cluster.report(1, 0, 5, 5);
    assertThat(loss().isHarmless()).isTrue();
  }

  @Test
  void whoseDirectoryWasAwayAndMayBeAnotherIsADoubtfulLoss() {
    singleCopyWhoseDirectoryIsAway();
    cluster.start(1);
    cluster.report(1, 0, 5, 5);
    assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
  }

  @Test
  void whatFailsAfterItsDirectoryWasAwayIsADoubtfulLoss() {
    singleCopyWhoseDirectoryIsAway();
    cluster.restartCleanly(1);
    cluster.accept(new ReplicasOffline(1, cluster.epoch(1), List.of(ID)));
    cluster.restartCleanly(1);
    cluster.report(1, 0, 5, 5);
    assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
  }

  @Test
  void aCleanElectionCostsNothing() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(1);
    assertThat(cluster.partition().losses()).isEmpty();
    assertThat(cluster.state.image().lossCounts()).isEqualTo(LossCounts.NONE);
  }

  private ReportMissing missing(long fromOffset, long endOffset) {
    return new ReportMissing(
        2,
        cluster.epoch(2),
        new TopicIdPartition(ClusterFixture.TOPIC_ID, 0),
        cluster.partition().leaderEpoch(),
        fromOffset,
        endOffset);
  }

  @Test
  void whatAReplicaFindsMissingIsOnRecordOnce() {
    cluster.create(2, 1, 2, 3);
    assertThat(cluster.partition().tellsOfLoss(5, 9)).isFalse();
    cluster.accept(missing(5, 9));
    cluster.accept(missing(5, 9));

    assertThat(loss()).isEqualTo(new RecordLoss(0, 5, 9, Cause.FOUND_MISSING));
    assertThat(cluster.partition().tellsOfLoss(5, 9)).isTrue();
    assertThat(cluster.state.image().lossCounts().foundMissing()).isEqualTo(1);
    assertThat(cluster.partition().leader()).as("nobody is elected for it").isEqualTo(1);
  }

  @Test
  void whatAReplicaFindsMissingMakesAPossibleLossACertainOne() {
    allUnclean();
    for (int id = 1; id <= 3; id++) {
      cluster.report(id, 1, 100);
    }
    cluster.accept(missing(100, 130));

    assertThat(loss().cause()).isEqualTo(Cause.ALL_UNCLEAN);
    assertThat(loss().endOffset()).isEqualTo(130);
    assertThat(cluster.state.image().lossCounts().foundMissing()).isZero();
  }

  @Test
  void whatIsMissingInAnotherEpochIsSaidAgain() {
    cluster.create(2, 1, 2, 3);
    ReportMissing early = missing(5, 9);
    cluster.fence(1);
    cluster.reject(early, ErrorCode.INVALID_UPDATE_VERSION);
    cluster.reject(missing(9, 9), ErrorCode.INVALID_UPDATE_VERSION);
  }

  @Test
  void lossesAndTheirCountsSurviveASnapshotAndCommandsTheirEncoding() throws IOException {
    allUnclean();
    cluster.report(1, 1, 90, 95);
    cluster.report(3, 1, 80);
    ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    ImageCodec.write(cluster.state.image(), waiting);
    assertThat(ImageCodec.read(new ByteArrayInputStream(waiting.toByteArray())))
        .isEqualTo(cluster.state.image());

    cluster.report(2, 1, 90, 99);
    cluster.accept(missing(3, 7));
    ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
    ImageCodec.write(cluster.state.image(), snapshot);
    assertThat(ImageCodec.read(new ByteArrayInputStream(snapshot.toByteArray())))
        .isEqualTo(cluster.state.image());
    for (MetadataCommand command : cluster.commands) {
      assertThat(CommandCodec.decode(CommandCodec.encode(command))).isEqualTo(command);
    }
  }
}
