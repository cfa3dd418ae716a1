package io.highwater.replication.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.session.SessionConfig;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One broker is sick, and the others go on (CTL-6, CTL-7, ISR-6, ISR-7). */
class SickBrokerTest {
  private static final int SEEDS = 3;
  private static final int BATCHES = 60;
  private static final long SICK_MS = 4_000;

  private static final SessionConfig SESSIONS = SimCluster.SESSIONS;

  /** The session timeout and 1 s, and a late word to whoever is deposed. */
  private static final long GIVES_UP_MS = SESSIONS.sessionTimeoutMs() + 1_000;

  private static final long RESUMES_MS = 3 * SESSIONS.sessionTimeoutMs() + 1_000;

  private interface Scenario {
    void run(SimCluster cluster);
  }

  private static void play(Flaw flaw, Scenario scenario) {
    Seeds.each(
        SEEDS,
        SickBrokerTest.class,
        seed -> {
          SimCluster cluster = new SimCluster(seed, flaw);
          cluster.start(BATCHES);
          cluster.runFor(600);
          cluster.clients().start(10 * BATCHES);
          cluster.runUntil("everybody is there", 5_000, cluster::isFullyInSync);
          scenario.run(cluster);
          cluster.settle();
        });
  }

  /** The scenario passes, and without the rule that it is about it does not. */
  private static void demands(Flaw flaw, Scenario scenario) {
    play(Flaw.NONE, scenario);
    assertThatThrownBy(() -> play(flaw, scenario)).hasMessageContaining("not in");
  }

  private static int controller(SimCluster cluster) {
    return cluster.quorum().leader().id();
  }

  private static List<Integer> others(SimCluster cluster, int id) {
    return IntStream.rangeClosed(1, cluster.size()).filter(other -> other != id).boxed().toList();
  }

  private static void anotherControls(SimCluster cluster, int sick) {
    cluster.runUntil(
        "another controls",
        GIVES_UP_MS,
        () -> controller(cluster) > 0 && controller(cluster) != sick);
  }

  /** Both partitions take acknowledged writes without it. */
  private static void writesResume(SimCluster cluster) {
    cluster.clients().start(BATCHES);
    for (int number = 0; number < SimCluster.PARTITIONS; number++) {
      var partition = SimCluster.partition(number);
      long committed = cluster.checker().highWatermark(partition);
      cluster.runUntil(
          "partition " + number + " resumes",
          RESUMES_MS,
          () -> cluster.checker().highWatermark(partition) > committed);
    }
  }

  /** How many brokers are registered anew meanwhile, because they were fenced. */
  private static int fencings(SimCluster cluster, long durationMs) {
    int fencings = 0;
    for (long ms = 0; ms < durationMs; ms += 10) {
      List<Long> before = epochs(cluster);
      cluster.runFor(10);
      fencings += before.equals(epochs(cluster)) ? 0 : 1;
    }
    return fencings;
  }

  private static List<Long> epochs(SimCluster cluster) {
    return cluster.quorum().image().brokers().stream().map(BrokerRegistration::epoch).toList();
  }

  @Test
  void aControllerThatHearsNobodyGivesTheQuorumUp() {
    demands(
        Flaw.SICK_CONTROLLER_STAYS,
        cluster -> {
          int deaf = controller(cluster);
          others(cluster, deaf).forEach(other -> cluster.network().deafen(other, deaf));
          anotherControls(cluster, deaf);
          writesResume(cluster);
        });
  }

  @Test
  void aControllerThatDoesNotHearOneBrokerGivesTheQuorumUpToOneThatMay() {
    demands(
        Flaw.SICK_CONTROLLER_STAYS,
        cluster -> {
          int deaf = controller(cluster);
          int unheard = others(cluster, deaf).get(0);
          cluster.network().deafen(unheard, deaf);
          anotherControls(cluster, deaf);
          assertThat(controller(cluster)).isNotEqualTo(unheard);
          int successor = controller(cluster);
          cluster.runFor(SICK_MS);
          assertThat(controller(cluster)).as("it stays there").isEqualTo(successor);
        });
  }

  @Test
  void whoeverTheQuorumHearsIsNotFencedByADeafController() {
    demands(
        Flaw.FENCE_WHO_THE_QUORUM_HEARS,
        cluster -> {
          int deaf = controller(cluster);
          others(cluster, deaf).forEach(other -> cluster.network().deafen(other, deaf));
          // One may be fenced whose word comes late, but not again and again.
          if (fencings(cluster, SICK_MS) > 2) {
            throw new AssertionError("not in peace: brokers that live are fenced");
          }
        });
  }

  @Test
  void whereOneBrokerHearsNobodyTheQuorumComesToRest() {
    play(
        Flaw.NONE,
        cluster -> {
          int mute = 4;
          others(cluster, mute).forEach(other -> cluster.network().deafen(mute, other));
          cluster.runFor(SICK_MS);
          long term = cluster.quorum().leader().term();
          cluster.runFor(2 * SICK_MS);
          assertThat(cluster.quorum().leader().term()).isEqualTo(term);
          writesResume(cluster);
        });
  }

  @Test
  void aControllerWhoseDataLoopStandsGivesTheQuorumUpAndWhatItLeads() {
    demands(
        Flaw.SICK_CONTROLLER_STAYS,
        cluster -> {
          int frozen = controller(cluster);
          cluster.broker(frozen).loop().freeze(SICK_MS);
          anotherControls(cluster, frozen);
          writesResume(cluster);
        });
  }

  @Test
  void aBrokerWhoseDataLoopStandsComesBackByItself() {
    play(
        Flaw.NONE,
        cluster -> {
          int frozen = cluster.leaderOf(0);
          cluster.broker(frozen).loop().freeze(SICK_MS / 2);
          cluster.runUntil("another leads", GIVES_UP_MS, () -> cluster.leaderOf(0) != frozen);
          cluster.runFor(SICK_MS / 2);
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void aLeaderThatHearsNoneOfItsFollowersIsReplacedByThem() {
    demands(
        Flaw.DEAF_LEADER_STAYS,
        cluster -> {
          int controller = controller(cluster);
          int partition = cluster.leaderOf(0) == controller ? 1 : 0;
          int deaf = cluster.leaderOf(partition);
          others(cluster, deaf).forEach(other -> cluster.network().deafen(other, deaf));
          cluster.runUntil("another leads", RESUMES_MS, () -> cluster.leaderOf(partition) != deaf);
          writesResume(cluster);
        });
  }

  @Test
  void aLeaderWhoseDiskIsFullHandsOverAndComesBackWhenThereIsRoom() {
    demands(
        Flaw.IGNORE_FULL_DISKS,
        cluster -> {
          int full = cluster.leaderOf(0);
          cluster.runFor(1_200);
          cluster.broker(full).disk().fill();
          cluster.runUntil(
              "others lead",
              500,
              () -> cluster.partitions().stream().noneMatch(p -> p.isr().contains(full)));
          writesResume(cluster);
          cluster.broker(full).disk().makeRoom();
          cluster.runUntil("it is back", 5_000, cluster::isFullyInSync);
        });
  }

  @Test
  void whereNobodyElseCanTakeOverAFullLeaderStays() {
    play(
        Flaw.NONE,
        cluster -> {
          cluster.runFor(1_200);
          int leader = cluster.leaderOf(0);
          List<Integer> replicas = cluster.image(0).replicas();
          replicas.forEach(id -> cluster.broker(id).disk().fill());
          cluster.runFor(1_500);
          assertThat(replicas).contains(cluster.leaderOf(0));
          int epoch = cluster.image(0).leaderEpoch();
          cluster.runFor(SICK_MS);
          assertThat(cluster.image(0).leaderEpoch()).as("nothing flaps").isEqualTo(epoch);
          assertThat(leader).isPositive();
        });
  }
}
