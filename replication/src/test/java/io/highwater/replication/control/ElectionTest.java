package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import org.junit.jupiter.api.Test;

/** ISR-4 and LEP-1 case by case; {@link ElectionModelTest} covers the combinations. */
class ElectionTest {
  private final ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

  @Test
  void aNewPartitionIsLedByItsFirstReplicaWithAllInSync() {
    cluster.create(2, 2, 3, 1);

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2, 3, 1);
    assertThat(cluster.partition().leaderEpoch()).isZero();
  }

  @Test
  void whenTheLeaderIsFencedTheNextInSyncReplicaLeadsInANewEpoch() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(1);

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2, 3);
    assertThat(cluster.partition().elr()).isEmpty();
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);
    assertThat(cluster.partition().partitionEpoch()).isEqualTo(1);
  }

  @Test
  void aFencedFollowerLeavesTheInSyncSetWithoutANewLeaderEpoch() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().isr()).containsExactly(1, 2);
    assertThat(cluster.partition().leaderEpoch()).isZero();
  }

  @Test
  void anOfflineReplicaLeadsNothingAndIsNotInSync() {
    cluster.create(2, 1, 2, 3);
    cluster.offline(1);

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2, 3);
    assertThat(cluster.partition().leaderEpoch()).isEqualTo(1);
    assertThat(cluster.partition().partitionEpoch()).isEqualTo(1);
    assertThat(cluster.state.image().broker(1).electable()).as("for others").isTrue();
  }

  @Test
  void anOfflineReplicaIsNotEligibleEitherBelowTheMinimum() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.offline(1);

    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    assertThat(cluster.partition().elr()).containsExactly(2);
    cluster.restartCleanly(2);
    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  @Test
  void theOnlyReplicaOfflineLeavesThePartitionWithoutALeaderUntilItsBrokerRestarts() {
    cluster.create(1, 1);
    cluster.offline(1);
    cluster.report(1, 0, 5);
    nobodyHasEnough();

    cluster.start(1);
    assertThat(cluster.state.image().broker(1).offline()).isEmpty();
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    cluster.report(1, 0, 5);
    assertThat(cluster.partition().leader()).isEqualTo(1);
  }

  @Test
  void anOfflineReplicaThatCaughtUpIsAsGoodAsAny() {
    cluster.create(1, 1, 2);
    cluster.offline(1);
    cluster.accept(cluster.alterIsr(2, 1));
    cluster.fence(2);

    assertThat(cluster.partition().leader()).isEqualTo(1);
  }

  @Test
  void aDamagedReplicaThatHadNoMoreIsNotWaitedFor() {
    oneDamagedOneUnclean();
    cluster.report(1, -1, 5);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    cluster.report(2, 0, 5);

    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  @Test
  void aLogThatLacksWhatADamagedOneHadIsNotElected() {
    oneDamagedOneUnclean();
    cluster.report(1, -1, 6);
    cluster.report(2, 0, 5);

    nobodyHasEnough();
  }

  @Test
  void whatADamagedReplicaHadIsNotForgottenWhenItsBrokerGoes() {
    oneDamagedOneUnclean(1);
    cluster.report(1, -1, 6);
    cluster.report(2, 0, 5);
    cluster.fence(1);
    nobodyHasEnough();

    cluster.start(1);
    nobodyHasEnough();
    cluster.report(1, 0, 6);
    assertThat(cluster.partition().leader()).isEqualTo(1);
  }

  /** REP-1: it may lack what was committed after it left. */
  @Test
  void theReportOfOneThatLeftAFullSetIsNotAmongThoseThatAreEnough() {
    cluster.create(2, 3, 2, 1);
    cluster.start(1);
    cluster.start(3);
    cluster.start(2);
    cluster.report(1, 0, 5);
    cluster.report(2, 0, 5);
    cluster.reject(
        new ElectLongest(ClusterFixture.TOPIC_ID, 0, cluster.partition().leaderEpoch()),
        ErrorCode.NOT_ENOUGH_REPLICAS);

    cluster.report(3, 0, 6);
    assertThat(cluster.partition().leader()).isEqualTo(3);
  }

  @Test
  void aDamagedReplicaThatComesBackWithLessIsNotElectedEither() {
    oneDamagedOneUnclean(1);
    cluster.report(1, 0, 6);
    cluster.start(1);
    cluster.report(1, 0, 4);
    cluster.report(2, 0, 5);

    nobodyHasEnough();
  }

  @Test
  void whatWasKnownIsSettledByTheNextLeader() {
    oneDamagedOneUnclean(1);
    cluster.report(1, 0, 6);
    cluster.report(2, 0, 6);
    assertThat(cluster.partition().leader()).isEqualTo(2);

    assertThat(cluster.partition().knownCommitted()).isEqualTo(CommittedEnd.UNKNOWN);
  }

  @Test
  void aLongerLogOfAnEarlierEpochLacksWhatADamagedOneHad() {
    oneDamagedOneUnclean();
    cluster.report(1, 1, 110);
    cluster.report(2, 0, 120);

    nobodyHasEnough();
  }

  @Test
  void aLogThatIsOnlyFetchedAgainIsNoReasonToElectIt() {
    oneDamagedOneUnclean(1);
    cluster.start(1);
    cluster.report(1, -1, -1);
    ElectLongest graceOver =
        new ElectLongest(ClusterFixture.TOPIC_ID, 0, cluster.partition().leaderEpoch());
    cluster.reject(graceOver, ErrorCode.NOT_ENOUGH_REPLICAS);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);

    cluster.report(2, -1, 0);
    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  private void nobodyHasEnough() {
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    cluster.reject(
        new ElectLongest(ClusterFixture.TOPIC_ID, 0, cluster.partition().leaderEpoch()),
        ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE);
  }

  private void oneDamagedOneUnclean() {
    oneDamagedOneUnclean(2);
  }

  private void oneDamagedOneUnclean(int minIsr) {
    cluster.create(minIsr, 1, 2);
    cluster.start(1);
    cluster.start(2);
    cluster.offline(1);
    assertThat(cluster.partition().awaitsLongest()).isTrue();
  }

  @Test
  void whoLeavesBelowTheMinimumStaysEligible() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.fence(1);

    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    assertThat(cluster.partition().isr()).isEmpty();
    assertThat(cluster.partition().elr()).containsExactly(1, 2);
  }

  @Test
  void aCleanRestartOfAnEligibleReplicaLeadsAtOnce() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.fence(1);
    cluster.restartCleanly(3);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);

    cluster.restartCleanly(2);
    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2);
    assertThat(cluster.partition().elr()).containsExactly(1);
  }

  @Test
  void aRestartOfALivingLeaderMovesLeadershipInTheSameEntry() {
    cluster.create(2, 1, 2, 3);
    cluster.start(1);

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2, 3);
  }

  @Test
  void anUncleanlyRestartedReplicaWaitsForACleanOne() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.fence(1);
    cluster.start(1);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    assertThat(cluster.partition().elr()).containsExactly(2);
    assertThat(cluster.partition().uncleanCandidates()).containsExactly(1);
    assertThat(cluster.partition().awaitsLongest()).isFalse();

    cluster.restartCleanly(2);
    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  @Test
  void whenAllWereUncleanTheGreatestEpochThenOffsetWins() {
    allUnclean();
    cluster.report(1, 4, 100);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);
    assertThat(cluster.partition().awaitsReportOf(2)).isTrue();

    cluster.report(2, 5, 90);
    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2);
    assertThat(cluster.partition().uncleanCandidates()).containsExactly(1);
  }

  @Test
  void afterAPowerLossEverywhereTheFirstToReturnIsStillACandidate() {
    cluster.create(2, 1, 2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    cluster.report(2, 1, 10);
    cluster.report(3, 1, 10);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);

    cluster.report(1, 1, 17);
    assertThat(cluster.partition().leader()).isEqualTo(1);
  }

  /** 1 and 2 were stopped one after the other; then the machine of 3 lost power. */
  private void lastInSyncIsUnclean() {
    cluster.create(1, 3, 1, 2);
    cluster.stop(1);
    cluster.stop(2);
    cluster.fence(1);
    cluster.fence(2);
    cluster.fence(3);
    cluster.start(3);
    assertThat(cluster.partition().uncleanCandidates()).containsExactly(3);
  }

  @Test
  void whoHadLeftBeforeLeadsWhereTheLastInSyncHasLostMore() {
    lastInSyncIsUnclean();
    cluster.restartCleanly(1);
    cluster.report(3, 0, 60, 60);
    assertThat(cluster.partition().hasLeader()).as("1 is waited for").isFalse();
    cluster.report(1, 0, 100, 100);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().isr()).containsExactly(1);
    RecordLoss loss = cluster.partition().losses().get(0);
    assertThat(loss.cause()).isEqualTo(RecordLoss.Cause.ALL_UNCLEAN);
    assertThat(loss.isOpen()).isTrue();
    assertThat(loss.fromOffset()).isEqualTo(100);
  }

  @Test
  void whoHadLeftBeforeIsWaitedForOnlyWhileItIsThere() {
    lastInSyncIsUnclean();
    cluster.restartCleanly(1);
    cluster.report(3, 0, 60);
    assertThat(cluster.partition().hasLeader()).isFalse();

    cluster.fence(1);

    assertThat(cluster.partition().leader()).isEqualTo(3);
  }

  @Test
  void whereRecordsAreKnownToBeMissingWhoMayHaveThemIsWaitedForAsLongAsTheGrace() {
    lastInSyncIsUnclean();
    cluster.report(3, 0, 60, 100);
    assertThat(cluster.partition().hasLeader()).isFalse();
    assertThat(new LeaderlessPartition(cluster.state.image(), cluster.topic(), cluster.partition()))
        .matches(LeaderlessPartition::longestMayLead)
        .extracting(LeaderlessPartition::reason)
        .asString()
        .endsWith("records are missing that brokers 1, 2 may have: they are waited for a while");

    cluster.accept(new ElectLongest(ClusterFixture.TOPIC_ID, 0, cluster.partition().leaderEpoch()));

    assertThat(cluster.partition().leader()).isEqualTo(3);
    assertThat(cluster.partition().losses().get(0).isCertain()).isTrue();
  }

  @Test
  void whoHadLeftBeforeAndMissedAnEpochDoesNotLead() {
    lastInSyncIsUnclean();
    cluster.restartCleanly(1);
    cluster.report(1, 0, 100);
    cluster.report(3, 1, 60);

    assertThat(cluster.partition().leader()).isEqualTo(3);
  }

  /** A kill takes nothing, so something else happened to the log that is shorter. */
  @Test
  void alsoAfterAKillALossIsOpenWhereALogThatHadLeftIsLonger() {
    cluster.create(1, 3, 1, 2);
    cluster.stop(1);
    cluster.fence(1);
    cluster.fence(2);
    cluster.restartKilled(3);
    cluster.restartCleanly(1);
    cluster.report(1, 0, 100, 100);
    cluster.report(3, 0, 60, 60);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().losses().get(0).isOpen()).isTrue();
  }

  @Test
  void equalLogsAreDecidedByTheOrderOfReplicas() {
    allUnclean();
    cluster.report(2, 5, 90);
    cluster.report(1, 5, 90);

    assertThat(cluster.partition().leader()).isEqualTo(1);
  }

  @Test
  void aReportIsVoidOnceItsBrokerIsFenced() {
    allUnclean();
    cluster.report(1, 9, 900);
    cluster.fence(1);
    cluster.start(1);
    cluster.report(2, 5, 90);
    assertThat(cluster.partition().leader()).isEqualTo(PartitionImage.NO_LEADER);

    cluster.report(1, 3, 80);
    assertThat(cluster.partition().leader()).isEqualTo(2);
  }

  @Test
  void afterTheGraceEnoughReportsElectTheLongestAmongThem() {
    cluster.create(2, 1, 2, 3);
    cluster.accept(cluster.alterIsr(1));
    assertThat(cluster.partition().elr()).containsExactly(2, 3);
    for (int id = 1; id <= 3; id++) {
      cluster.start(id);
    }
    PartitionImage waiting = cluster.partition();
    assertThat(waiting.uncleanCandidates()).containsExactly(1, 2, 3);
    ElectLongest graceOver = new ElectLongest(ClusterFixture.TOPIC_ID, 0, waiting.leaderEpoch());

    cluster.report(3, 1, 10);
    cluster.reject(graceOver, ErrorCode.NOT_ENOUGH_REPLICAS);
    cluster.report(2, 1, 11);
    cluster.accept(graceOver);
    assertThat(cluster.partition().leader()).isEqualTo(2);
    cluster.reject(graceOver, ErrorCode.INVALID_UPDATE_VERSION);
  }

  @Test
  void aSingleReplicaIsElectedAfterAnUncleanRestartWhenItHasToldWhereItsLogEnds() {
    cluster.create(2, 1);
    cluster.start(1);
    assertThat(cluster.partition().hasLeader()).isFalse();

    cluster.report(1, 0, 5);
    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().isr()).containsExactly(1);
    assertThat(cluster.partition().leaderEpoch()).isPositive();
  }

  @Test
  void aFullInSyncSetForgetsWhoWasEligible() {
    allUnclean();
    cluster.report(1, 0, 5);
    cluster.report(2, 0, 4);
    cluster.start(3);
    cluster.accept(cluster.alterIsr(1, 3));

    assertThat(cluster.partition().isr()).containsExactly(1, 3);
    assertThat(cluster.partition().elr()).isEmpty();
    assertThat(cluster.partition().uncleanCandidates()).isEmpty();
  }

  @Test
  void aStoppingBrokerHandsItsLeadershipOver() {
    cluster.create(2, 1, 2, 3);
    cluster.stop(1);

    assertThat(cluster.partition().leader()).isEqualTo(2);
    assertThat(cluster.partition().isr()).containsExactly(2, 3);
  }

  @Test
  void aStoppingBrokerLeadsOnWhereNobodyElseCan() {
    cluster.create(1, 1, 2);
    cluster.fence(2);
    cluster.stop(1);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().isr()).containsExactly(1);
  }

  @Test
  void aStoppedClusterComesBackWithWhoeverStoppedLast() {
    cluster.create(2, 1, 2);
    cluster.stop(1);
    cluster.stop(2);
    cluster.fence(1);
    cluster.fence(2);
    cluster.restartCleanly(1);

    assertThat(cluster.partition().leader()).isEqualTo(1);
    assertThat(cluster.partition().elr()).containsExactly(2);
  }

  @Test
  void aFalselySuspectedProcessLosesNothingByRegisteringAgain() {
    MetadataCommand.RegisterBroker process = cluster.register(4, -1);
    cluster.accept(process);
    cluster.create(1, 4);
    cluster.fence(4);
    assertThat(cluster.partition().hasLeader()).isFalse();
    MetadataCommand.RegisterBroker again = cluster.again(process);
    long brokerEpoch = cluster.accept(again).brokerEpoch();

    assertThat(cluster.partition().leader()).isEqualTo(4);
    assertThat(cluster.partition().uncleanCandidates()).isEmpty();
    assertThat(cluster.accept(again).brokerEpoch()).isEqualTo(brokerEpoch);
  }

  private void allUnclean() {
    cluster.create(2, 1, 2, 3);
    cluster.fence(3);
    cluster.fence(2);
    cluster.fence(1);
    cluster.start(1);
    cluster.start(2);
    assertThat(cluster.partition().awaitsLongest()).isTrue();
  }
}
