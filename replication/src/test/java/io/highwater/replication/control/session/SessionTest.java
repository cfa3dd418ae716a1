package io.highwater.replication.control.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends of sessions: three brokers, one of them the active controller, in virtual time. */
class SessionTest {
  private static final UUID TOPIC = new UUID(3, 3);

  private final VirtualLoop loop = new VirtualLoop();
  private final VirtualLog log = new VirtualLog(loop);
  private final VirtualNetwork network = new VirtualNetwork(loop);
  private final Map<Integer, Broker> brokers = new HashMap<>();
  private long incarnations;

  private final class Broker implements BrokerSessionListener {
    final VirtualNetwork.Node node;
    final ActiveController controller;
    final BrokerSession session;
    final List<Long> epochs = new ArrayList<>();
    final Set<TopicIdPartition> offline = new HashSet<>();
    ErrorCode refusal;

    Broker(int id, int port, UUID directoryId, long previousBrokerEpoch, long logEndOffset) {
      node = network.listen(port);
      controller =
          new ActiveController(id, log, network.from(node), loop, loop, SessionConfig.DEFAULT);
      session =
          new BrokerSession(
              new BrokerIdentity(
                  "cluster",
                  id,
                  new UUID(1, ++incarnations),
                  directoryId,
                  LastRun.stopped(previousBrokerEpoch),
                  Map.of(ListenerName.BROKERS, new Endpoint("localhost", port)),
                  "test",
                  "",
                  Feature.allSupported()),
              log,
              network.from(node),
              loop,
              loop,
              SessionConfig.DEFAULT,
              partition -> Optional.of(new LogEnds.LogEnd(0, logEndOffset, -1)),
              () -> offline,
              this);
      node.acceptor = controller;
      node.responder = session;
      controller.start();
      session.start();
    }

    @Override
    public void onRegistered(long brokerEpoch) {
      epochs.add(brokerEpoch);
    }

    @Override
    public void onRefused(ErrorCode error, String text) {
      refusal = error;
    }
  }

  @BeforeEach
  void threeBrokers() {
    log.submit(new FormatCluster("cluster"), (result, failure) -> {});
    for (int id = 1; id <= 3; id++) {
      start(id, -1, 0);
    }
    log.setController(1);
    loop.run(1_000);
    log.submit(
        new CreateTopic(
            "orders", TOPIC, List.of(List.of(2, 3, 1)), Map.of("min.insync.replicas", "2")),
        (result, failure) -> {});
    loop.run(10);
    assertThat(partition().leader()).isEqualTo(2);
  }

  private Broker start(int id, long previousBrokerEpoch, long logEndOffset) {
    Broker broker = new Broker(id, 9_000 + id, new UUID(2, id), previousBrokerEpoch, logEndOffset);
    brokers.put(id, broker);
    return broker;
  }

  private void kill(int id) {
    network.kill(9_000 + id);
    Broker dead = brokers.remove(id);
    dead.session.close();
    dead.controller.close();
  }

  private ClusterImage image() {
    return log.image();
  }

  private PartitionImage partition() {
    return image().topic(TOPIC).partition(0);
  }

  private long fencings() {
    return log.applied.stream().filter(FenceBroker.class::isInstance).count();
  }

  @Test
  void quietSessionsFenceNobody() {
    loop.run(60_000);

    assertThat(fencings()).isZero();
    assertThat(brokers.values()).allSatisfy(broker -> assertThat(broker.epochs).hasSize(1));
  }

  @Test
  void aReplicaThatCannotBeServedIsLedByAnotherAtOnce() {
    brokers.get(2).offline.add(new TopicIdPartition(TOPIC, 0));
    brokers.get(2).session.reportOffline();
    loop.run(20);

    assertThat(partition().leader()).isEqualTo(3);
    assertThat(partition().isr()).containsExactly(3, 1);
    assertThat(fencings()).isZero();
    loop.run(10_000);
    assertThat(log.applied.stream().filter(ReplicasOffline.class::isInstance)).hasSize(1);
  }

  @Test
  void anOfflineReplicaThatWasTakenForInSyncSaysItAgain() {
    brokers.get(2).offline.add(new TopicIdPartition(TOPIC, 0));
    brokers.get(2).session.reportOffline();
    loop.run(20);
    log.submit(proposal(3, 1, 2), (result, failure) -> {});
    loop.run(SessionConfig.DEFAULT.heartbeatIntervalMs() + 20);

    assertThat(log.applied.stream().filter(ReplicasOffline.class::isInstance)).hasSize(2);
    assertThat(partition().isr()).containsExactly(3, 1);
  }

  @Test
  void aReplicaDamagedAgainBeforeItWasInSyncSaysItAgain() {
    TopicIdPartition damaged = new TopicIdPartition(TOPIC, 0);
    brokers.get(2).offline.add(damaged);
    brokers.get(2).session.reportOffline();
    loop.run(20);
    brokers.get(2).offline.remove(damaged);
    loop.run(SessionConfig.DEFAULT.heartbeatIntervalMs());
    int partitionEpoch = partition().partitionEpoch();
    brokers.get(2).offline.add(damaged);
    brokers.get(2).session.reportOffline();
    loop.run(20);

    assertThat(partition().partitionEpoch()).isGreaterThan(partitionEpoch);
    loop.run(10_000);
    assertThat(log.applied.stream().filter(ReplicasOffline.class::isInstance)).hasSize(2);
  }

  @Test
  void aKilledBrokerIsFencedAtOnce() {
    kill(2);
    loop.run(20);

    assertThat(image().broker(2).fenced()).isTrue();
    assertThat(partition().leader()).isEqualTo(3);
  }

  @Test
  void aBrokenConnectionOfALivingBrokerFencesNobody() {
    network.breakStreams(brokers.get(2).node);
    loop.run(10_000);

    assertThat(fencings()).isZero();
  }

  @Test
  void aSilentBrokerIsFencedWhenItsLeaseEndsAndComesBackByItself() {
    brokers.get(2).node.silent = true;
    log.lose(command -> command instanceof SignOfLife);
    loop.run(1_700);
    assertThat(image().broker(2).fenced()).isFalse();
    loop.run(600);
    assertThat(image().broker(2).fenced() || brokers.get(2).epochs.size() > 1).isTrue();

    brokers.get(2).node.silent = false;
    loop.run(3_000);
    assertThat(image().broker(2).fenced()).isFalse();
    assertThat(brokers.get(2).epochs).hasSizeGreaterThan(1).isSorted();
    assertThat(partition().leader()).isEqualTo(3);
    long before = fencings();
    loop.run(10_000);
    assertThat(fencings()).isEqualTo(before);
  }

  /** CTL-6, CTL-7: neither broker dies, though no session reaches the controller. */
  @Test
  void aControllerThatHearsNoSessionsButSignsOfLifeFencesNobodyAndGivesTheQuorumUp() {
    brokers.get(1).node.silent = true;
    loop.run(1_800);
    assertThat(log.controller().id()).isEqualTo(1);
    loop.run(700);
    assertThat(log.controller().id()).isEqualTo(2);
    assertThat(log.successors()).containsExactly(2, 3);
    assertThat(fencings()).isZero();
  }

  @Test
  void whereOneBrokerIsUnheardTheQuorumGoesOnceAndComesToRest() {
    brokers.get(2).node.silent = true;
    loop.run(20_000);
    assertThat(log.controller().id()).as("the one that both hear").isEqualTo(3);
    long term = log.controller().term();
    loop.run(60_000);
    assertThat(log.controller().term()).isEqualTo(term);
    assertThat(fencings()).isZero();
    brokers.get(2).node.silent = false;
    loop.run(5_000);
    assertThat(image().broker(2).life().unheardControllers()).isEmpty();
  }

  @Test
  void aSleepOfTheControllerFencesNobody() {
    loop.sleep(30_000);
    loop.run(10_000);

    assertThat(fencings()).isZero();
  }

  @Test
  void whoDiedTogetherWithTheControllerIsFencedByTheNext() {
    kill(1);
    log.setController(3);
    loop.run(20);

    assertThat(image().broker(1).fenced()).isTrue();
    loop.run(10_000);
    assertThat(fencings()).isEqualTo(1);
  }

  @Test
  void aNewControllerGivesEverybodyAFullLease() {
    loop.run(1_900);
    log.setController(3);
    loop.run(10_000);

    assertThat(fencings()).isZero();
    assertThat(brokers.get(3).controller.isActive()).isTrue();
    assertThat(brokers.get(1).controller.isActive()).isFalse();
  }

  @Test
  void aFencingThatIsNotConfirmedIsTriedAgain() {
    log.setReachable(false);
    kill(2);
    loop.run(1_000);
    assertThat(image().broker(2).fenced()).isFalse();

    log.setReachable(true);
    loop.run(500);
    assertThat(image().broker(2).fenced()).isTrue();
  }

  @Test
  void aStoppingBrokerHandsOverAndIsFencedWhenItIsGone() {
    List<Integer> leaderWhenDone = new ArrayList<>();
    brokers.get(2).session.stop(() -> leaderWhenDone.add(partition().leader()));
    loop.run(50);
    assertThat(leaderWhenDone).containsExactly(3);
    assertThat(image().broker(2).fenced()).isFalse();

    brokers.get(2).session.close();
    loop.run(20);
    assertThat(image().broker(2).fenced()).isTrue();
    loop.run(20_000);
    assertThat(leaderWhenDone).hasSize(1);
  }

  @Test
  void whoHasNobodyToHandOverToStopsAtOnce() {
    kill(2);
    kill(3);
    loop.run(20);
    log.setController(-1);
    List<String> done = new ArrayList<>();
    brokers.get(1).session.stop(() -> done.add("done"));

    assertThat(done).hasSize(1);
  }

  @Test
  void aStopWithoutAControllerIsBounded() {
    log.setController(-1);
    List<String> done = new ArrayList<>();
    brokers.get(2).session.stop(() -> done.add("done"));
    loop.run(4_900);
    assertThat(done).isEmpty();
    loop.run(200);
    assertThat(done).hasSize(1);
  }

  @Test
  void aRestartedBrokerRegistersAgainAtOnce() {
    long old = brokers.get(2).session.brokerEpoch();
    kill(2);
    start(2, old, 0);
    loop.run(20);

    assertThat(image().broker(2).epoch()).isGreaterThan(old);
    assertThat(image().broker(2).fenced()).isFalse();
    loop.run(10_000);
    assertThat(image().broker(2).fenced()).isFalse();
  }

  @Test
  void aDoubleOfALivingBrokerIsRefused() {
    Broker twin = new Broker(2, 9_052, new UUID(2, 99), -1, 0);
    loop.run(10_000);

    assertThat(twin.refusal).isEqualTo(ErrorCode.DUPLICATE_BROKER_REGISTRATION);
    assertThat(image().broker(2).directoryId()).isEqualTo(new UUID(2, 2));
    assertThat(fencings()).isZero();
  }

  @Test
  void aProcessThatWasReplacedStops() {
    Broker old = brokers.get(2);
    new Broker(2, 9_052, new UUID(2, 2), -1, 0);
    loop.run(100);

    assertThat(old.refusal).isEqualTo(ErrorCode.DUPLICATE_BROKER_REGISTRATION);
    loop.run(10_000);
    assertThat(image().broker(2).fenced()).isFalse();
  }

  @Test
  void afterAllDiedUncleanlyTheLongestLogLeads() {
    for (int id = 1; id <= 3; id++) {
      kill(id);
    }
    log.setController(-1);
    start(1, -1, 50);
    start(2, -1, 70);
    start(3, -1, 60);
    log.setController(1);
    loop.run(3_000);

    assertThat(partition().leader()).isEqualTo(2);
    assertThat(image().brokers()).noneMatch(broker -> broker.fenced());
  }

  @Test
  void afterTheGraceTheLongestOfTheReportedLogsLeads() {
    for (int id = 1; id <= 3; id++) {
      kill(id);
    }
    log.setController(-1);
    log.submit(isrOfLeaderOnly(), (result, failure) -> {});
    loop.run(10);
    assertThat(partition().elr()).containsExactly(3, 1);
    for (int id = 1; id <= 3; id++) {
      start(id, -1, 50 + id);
    }
    brokers.get(3).session.close();
    log.setController(1);
    loop.run(9_000);
    assertThat(partition().hasLeader()).isFalse();

    loop.run(3_000);
    assertThat(partition().leader()).isEqualTo(2);
  }

  @Test
  void aTopicThatAllowsItIsLedUncleanlyAfterTheGrace() {
    UUID risky = new UUID(9, 9);
    log.submit(
        new CreateTopic(
            "risky",
            risky,
            List.of(List.of(2, 3)),
            Map.of("min.insync.replicas", "1", "unclean.leader.election.enable", "true")),
        (result, failure) -> {});
    loop.run(10);
    log.submit(
        new AlterIsr(
            List.of(
                new AlterIsr.Change(
                    risky, 0, 0, 0, List.of(new AlterIsr.Member(2, image().broker(2).epoch()))))),
        (result, failure) -> {});
    loop.run(10);
    kill(2);
    loop.run(8_000);
    assertThat(image().topic(risky).partition(0).hasLeader()).isFalse();

    loop.run(5_000);
    PartitionImage partition = image().topic(risky).partition(0);
    assertThat(partition.leader()).isEqualTo(3);
    assertThat(partition.losses())
        .containsExactly(
            new RecordLoss(
                partition.leaderEpoch(), 0, RecordLoss.UNKNOWN, RecordLoss.Cause.UNCLEAN_ELECTION));
  }

  private AlterIsr isrOfLeaderOnly() {
    return proposal(2);
  }

  private AlterIsr proposal(Integer... isr) {
    PartitionImage p = partition();
    return new AlterIsr(
        List.of(
            new AlterIsr.Change(
                TOPIC,
                0,
                p.leaderEpoch(),
                p.partitionEpoch(),
                Arrays.stream(isr)
                    .map(id -> new AlterIsr.Member(id, image().broker(id).epoch()))
                    .toList())));
  }
}
