package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.PartitionLog;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** One fault after the other, each with a few seeds. */
class ScenarioTest {
  private static final int SEEDS = 5;
  private static final int BATCHES = 60;

  private interface Scenario {
    void run(SimCluster cluster);
  }

  private static void play(Scenario scenario) {
    Seeds.each(
        SEEDS,
        ScenarioTest.class,
        seed -> {
          SimCluster cluster = new SimCluster(seed, Flaw.NONE);
          cluster.start(BATCHES);
          cluster.runFor(200);
          scenario.run(cluster);
          cluster.settle();
          assertThat(cluster.history().allAcknowledged()).hasSizeGreaterThanOrEqualTo(3 * BATCHES);
          assertThat(cluster.history().reads()).isPositive();
        });
  }

  @Test
  void nothingFails() {
    play(cluster -> cluster.runFor(500));
  }

  @Test
  void theLeaderIsKilledAndAnotherTakesOver() {
    play(
        cluster -> {
          int killed = cluster.leaderOf(0);
          int epoch = cluster.image(0).leaderEpoch();
          cluster.kill(killed);
          cluster.runUntil(
              "another leader",
              1_500,
              () -> cluster.image(0).leaderEpoch() > epoch && cluster.image(0).hasLeader());
          assertThat(cluster.leaderOf(0)).isNotEqualTo(killed);
          long committed = cluster.checker().highWatermark(SimCluster.partition(0));
          cluster.runUntil(
              "writes resume",
              4_000,
              () -> cluster.checker().highWatermark(SimCluster.partition(0)) > committed);
        });
  }

  @Test
  void everyLeaderIsKilledInTurn() {
    play(
        cluster -> {
          for (int i = 0; i < 4; i++) {
            int killed = cluster.leaderOf(i % 2);
            if (killed > 0) {
              cluster.kill(killed);
            }
            cluster.runFor(700);
            cluster.restartAll();
            cluster.runFor(300);
          }
        });
  }

  @Test
  void aFollowerStallsAndIsLeftBehindUntilItCatchesUp() {
    play(
        cluster -> {
          int follower = 1 + cluster.leaderOf(0) % 3;
          cluster.broker(follower).loop().stall(1_500);
          cluster.runUntil(
              "the follower leaves the in-sync set",
              1_500,
              () -> !cluster.image(0).isr().contains(follower));
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void aLeaderStallsAndWakesAsAZombie() {
    play(
        cluster -> {
          cluster.broker(cluster.leaderOf(0)).loop().stall(1_200);
          cluster.runFor(2_000);
        });
  }

  @Test
  void aLeaderIsCutOffFromTheOthers() {
    play(
        cluster -> {
          cluster.isolate(cluster.leaderOf(0));
          cluster.runFor(1_500);
        });
  }

  /** ACK-4: it hears nobody, so it says so instead of holding what comes. */
  @Test
  void aLeaderThatIsCutOffRefusesAfterTheSessionTimeout() {
    play(
        cluster -> {
          int cutOff = cluster.leaderOf(0);
          long patienceMs = SimCluster.SESSIONS.sessionTimeoutMs() + 150;
          cluster.isolate(cutOff);
          List<SimRequests.Reply> held = new ArrayList<>();
          produce(cluster, cutOff, held::add);
          cluster.runFor(patienceMs);
          assertThat(held)
              .singleElement()
              .returns(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, SimRequests.Reply::error)
              .returns(Outcome.UNKNOWN, SimRequests.Reply::outcome);
          PartitionLog log =
              cluster.broker(cutOff).replicas().replica(SimCluster.partition(0)).log();
          long end = log.logEndOffset();
          List<SimRequests.Reply> refused = new ArrayList<>();
          produce(cluster, cutOff, refused::add);
          assertThat(refused)
              .singleElement()
              .returns(ErrorCode.NOT_ENOUGH_REPLICAS, SimRequests.Reply::error)
              .returns(Outcome.REFUSED, SimRequests.Reply::outcome);
          assertThat(log.logEndOffset()).isEqualTo(end);
        });
  }

  /** CTL-3: as long as a leader hears those it waits for, it needs nobody else. */
  @Test
  void aLeaderThatHearsItsInSyncFollowersGoesOnWithoutAController() {
    play(
        cluster -> {
          cluster.runFor(600);
          cluster.clients().start(10 * BATCHES);
          cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
          cluster.quorum().halt(true);
          cluster.runFor(3 * SimCluster.SESSIONS.sessionTimeoutMs());
          List<SimRequests.Reply> replies = new ArrayList<>();
          produce(cluster, cluster.leaderOf(0), replies::add);
          cluster.runFor(50);
          assertThat(replies).singleElement().returns(Outcome.DONE, SimRequests.Reply::outcome);
          cluster.quorum().halt(false);
        });
  }

  private static void produce(
      SimCluster cluster, int broker, Consumer<SimRequests.Reply> whenEnded) {
    int process = cluster.clients().nextProcess();
    long value = process * 1_000_000L;
    byte[] batch =
        Payload.batch(
            process, 0, value, 1, cluster.scheduler().nowMs(), cluster.scheduler().random());
    ClientHistory history = cluster.clients().history(SimCluster.partition(0));
    Send send = history.invoked(process, value, 1, true);
    cluster
        .broker(broker)
        .loop()
        .run(
            () ->
                cluster
                    .broker(broker)
                    .requests()
                    .produce(
                        SimCluster.partition(0),
                        batch,
                        -1,
                        Acks.ALL,
                        reply -> {
                          history.ended(send, reply.outcome(), reply.baseOffset());
                          whenEnded.accept(reply);
                        }));
  }

  /** Neither of the two is the active controller, so both live on for everybody else. */
  @Test
  void aLeaderAndOneFollowerAreCutOffFromEachOtherAlone() {
    play(
        cluster -> {
          cluster.runFor(600);
          cluster.clients().start(10 * BATCHES);
          cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
          int controller = cluster.quorum().leader().id();
          int partition = controller == cluster.leaderOf(0) ? 1 : 0;
          int leader = cluster.leaderOf(partition);
          int follower =
              cluster.image(partition).replicas().stream()
                  .filter(id -> id != leader && id != controller)
                  .findFirst()
                  .orElseThrow();
          cluster.network().block(leader, follower);
          cluster.network().block(follower, leader);
          cluster.runUntil(
              "the follower is given up",
              4_000,
              () -> !cluster.image(partition).isr().contains(follower));
          assertThat(cluster.image(partition).leftOut().silent()).containsExactly(follower);
          assertThat(cluster.leaderOf(partition)).isEqualTo(leader);
          TopicIdPartition id = SimCluster.partition(partition);
          long committed = cluster.checker().highWatermark(id);
          cluster.runUntil(
              "writes resume", 1_000, () -> cluster.checker().highWatermark(id) > committed);
          cluster.network().healAll();
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void aLeaderThatWasFrozenForLessThanItsSessionBlamesNobody() {
    play(
        cluster -> {
          cluster.runFor(600);
          cluster.runUntil("everybody is there", 3_000, cluster::isFullyInSync);
          for (int i = 0; i < 10; i++) {
            cluster.broker(cluster.leaderOf(0)).loop().stall(320);
            cluster.runFor(700);
            assertThat(cluster.isFullyInSync()).isTrue();
          }
        });
  }

  @Test
  void messagesGetThroughOneWayOnly() {
    play(
        cluster -> {
          int leader = cluster.leaderOf(0);
          int follower = 1 + leader % 3;
          cluster.network().block(follower, leader);
          cluster.runFor(1_200);
          cluster.network().healAll();
          cluster.runFor(300);
          cluster.network().block(leader, follower);
          cluster.runFor(1_200);
        });
  }

  @Test
  void messagesAreLateTwiceAndOutOfOrder() {
    play(
        cluster -> {
          cluster.network().quality(0.1, 40, 0.2);
          cluster.runFor(3_000);
        });
  }

  @Test
  void streamsBreakAllTheTime() {
    play(
        cluster -> {
          for (int i = 0; i < 20; i++) {
            cluster.network().breakStreams(1 + i % 3, 1 + (i + 1) % 3);
            cluster.runFor(60);
          }
        });
  }

  @Test
  void allBrokersAreKilledAndComeBack() {
    play(
        cluster -> {
          for (int id = 1; id <= cluster.size(); id++) {
            cluster.kill(id);
          }
          cluster.runFor(300);
          cluster.restartAll();
          cluster.runFor(500);
        });
  }

  @Test
  void allBrokersAreKilledOneAfterTheOtherAndComeBackInReverse() {
    play(
        cluster -> {
          for (int id = 1; id <= cluster.size(); id++) {
            cluster.kill(id);
            cluster.runFor(250);
          }
          for (int id = cluster.size(); id >= 1; id--) {
            cluster.restart(id);
            cluster.runFor(400);
          }
        });
  }

  @Test
  void oneBrokerLosesPower() {
    play(
        cluster -> {
          int lost = cluster.leaderOf(0);
          cluster.losePower(lost);
          cluster.runFor(600);
          cluster.restart(lost);
          cluster.runUntil("it caught up", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void aBrokerRestartsCleanly() {
    play(
        cluster -> {
          int stopped = cluster.leaderOf(0);
          cluster.broker(stopped).stopCleanly();
          cluster.runUntil("it is down", 3_000, () -> !cluster.broker(stopped).isAlive());
          cluster.runFor(200);
          cluster.restart(stopped);
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void aLogDirectoryFailsWhileTheOtherGoesOnAndComesBackAfterARestart() {
    play(
        cluster -> {
          int broker = 3; // It has a partition in each, and the metadata log in neither.
          int starts = cluster.broker(broker).starts();
          cluster.broker(broker).disk().breakDown(SimDisk.ROOTS.get(0));
          cluster.runUntil(
              "one partition is without it", 4_000, () -> partitionsInSyncOn(cluster, broker) == 1);
          assertThat(cluster.broker(broker).lacksDirectory()).isTrue();
          cluster.runFor(1_000);
          assertThat(partitionsInSyncOn(cluster, broker)).isEqualTo(1);
          assertThat(cluster.broker(broker).starts()).as("it lives on").isEqualTo(starts);
          cluster.kill(broker);
          cluster.restart(broker);
          cluster.runUntil(
              "the other one is in sync", 4_000, () -> partitionsInSyncOn(cluster, broker) == 1);
          assertThat(cluster.broker(broker).lacksDirectory()).isTrue();
          cluster.broker(broker).heal();
          cluster.kill(broker);
          cluster.restart(broker);
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  /** What it had is old when it comes back, and still there: it must not have begun anew beside. */
  @Test
  void aReplicaMovesAwayAndBackWhileItsLogDirectoryIsAway() {
    play(
        cluster -> {
          int broker = 3;
          TopicIdPartition partition = SimCluster.partition(0);
          SimDisk disk = cluster.broker(broker).disk();
          cluster.runUntil("it has a log", 3_000, () -> disk.holds(partition));
          cluster.kill(broker);
          disk.breakDown(disk.rootOf(partition));
          cluster.move(partition, 1, 2, 4);
          cluster.runUntil(
              "it moved away", 6_000, () -> cluster.image(0).replicas().equals(List.of(1, 2, 4)));
          cluster.restart(broker);
          cluster.runFor(1_000);
          cluster.move(partition, 1, 2, broker);
          cluster.runFor(1_000);
          cluster.broker(broker).heal();
          cluster.kill(broker);
          cluster.restart(broker);
          cluster.runUntil(
              "it moved back", 6_000, () -> cluster.image(0).isr().equals(List.of(1, 2, broker)));
        });
  }

  private static long partitionsInSyncOn(SimCluster cluster, int broker) {
    return cluster.partitions().stream().filter(p -> p.isr().contains(broker)).count();
  }

  @Test
  void everyMachineLosesPowerAtOnce() {
    play(
        cluster -> {
          cluster.loseAllPower();
          cluster.runFor(300);
          cluster.restartAll();
          cluster.runUntil(
              "the longest logs lead",
              10_000,
              () -> cluster.isHealthy() && cluster.isFullyInSync());
          cluster.lossIsOver();
          cluster.clients().start(BATCHES);
        });
  }

  /** STO-11. */
  @Test
  void logsThatChangedPlacesAreNotServedAndFetchedAgain() {
    Seeds.each(SEEDS, ScenarioTest.class, seed -> ContentFaults.exchangedLogs(seed, Flaw.NONE));
  }

  /** REP-9. */
  @Test
  void aLogThatEndsInAnotherBatchOfTheSamePlaceIsFetchedAgain() {
    Seeds.each(SEEDS, ScenarioTest.class, seed -> ContentFaults.forgedTail(seed, Flaw.NONE));
  }

  /** REP-10. */
  @Test
  void aLogWithAnotherBatchInTheMiddleIsFoundByComparisonAndFetchedAgain() {
    Seeds.each(SEEDS, ScenarioTest.class, ContentFaults::forgedMiddle);
  }

  /** CMP-6. */
  @Test
  void aReplicaThatMissedADroppedTombstoneBeginsAnew() {
    Seeds.each(SEEDS, ScenarioTest.class, seed -> ContentFaults.missedTombstone(seed, Flaw.NONE));
  }

  /** ISR-4. */
  @Test
  void aLeaderThatComesBackFirstWithAShorterLogLosesNothingCommitted() {
    Seeds.each(SEEDS, ScenarioTest.class, seed -> LeaderFaults.cutTails(seed, Flaw.NONE));
  }

  /** FEN-1, ISR-2. */
  @Test
  void whatDeadLeadersSentChangesNothingWhenItComesLate() {
    Seeds.each(SEEDS, ScenarioTest.class, seed -> LeaderFaults.deathsInBadWeather(seed, Flaw.NONE));
  }

  @Test
  void aDeletedTopicIsRemovedEverywhereAndItsNameMeetsNothing() {
    play(
        cluster -> {
          TopicIdPartition first = new TopicIdPartition(new UUID(8, 1), 0);
          TopicIdPartition second = new TopicIdPartition(new UUID(8, 2), 0);
          assertThat(cluster.create("deleted", first.topicId())).isTrue();
          cluster.runUntil("it is led", 2_000, () -> cluster.append(first));
          int down = 3;
          cluster.kill(down);
          cluster.quorum().apply(new MetadataCommand.DeleteTopic(first.topicId()));
          cluster.runUntil(
              "the others confirm",
              5_000,
              () ->
                  cluster
                      .quorum()
                      .image()
                      .deletedTopic(first.topicId())
                      .unconfirmed()
                      .equals(List.of(down)));
          cluster.restart(down);
          cluster.runUntil(
              "its name is free", 3_000, () -> cluster.create("deleted", second.topicId()));
          cluster.runUntil(
              "everyone is rid of it",
              3_000,
              () -> cluster.quorum().image().deletedTopics().isEmpty());
          cluster.runUntil("its successor is led", 3_000, () -> cluster.append(second));
          assertThat(cluster.broker(1).replicas().replica(first)).isNull();
        });
  }
}
