package io.highwater.replication.sim;

import io.highwater.log.LogDirectory;
import io.highwater.log.io.SimStorage;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Replica;
import io.highwater.replication.Replicas;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.ReplicasUnderTest;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.session.ActiveController;
import io.highwater.replication.control.session.BrokerIdentity;
import io.highwater.replication.control.session.BrokerSession;
import io.highwater.replication.control.session.BrokerSessionListener;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.InSyncSet;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.follower.ReconnectBackoff;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/** A broker: the real parts on a simulated machine. Its disk outlives its processes. */
final class SimBroker {
  static final String CLUSTER_ID = "sim";

  private final int id;
  private final SimCluster cluster;
  private final SimStorage storage = new SimStorage();
  private final Map<TopicIdPartition, Integer> cutInEpoch = new HashMap<>();
  private SimLoop loop;
  private SimMetadataLog metadata;
  private LogDirectory logs;
  private Replicas replicas;
  private BrokerSession session;
  private ActiveController controller;
  private int starts;
  private int powerLosses;
  private boolean mayHaveLostData;

  SimBroker(int id, SimCluster cluster) {
    this.id = id;
    this.cluster = cluster;
    loop = new SimLoop(cluster.scheduler());
    loop.die();
  }

  int id() {
    return id;
  }

  SimLoop loop() {
    return loop;
  }

  boolean isAlive() {
    return loop.isAlive();
  }

  /** Counts processes. */
  int starts() {
    return starts;
  }

  /** Counts crashes that may have lost data. */
  int powerLosses() {
    return powerLosses;
  }

  /** Null while the broker is down. */
  Replicas replicas() {
    return isAlive() ? replicas : null;
  }

  /** Power was lost, and the cluster has not yet heard of it. */
  boolean mayHaveLostData() {
    if (mayHaveLostData && isAlive() && replicas.brokerEpoch() >= 0) {
      mayHaveLostData = false;
    }
    return mayHaveLostData;
  }

  void start() {
    starts++;
    SimScheduler scheduler = cluster.scheduler();
    SimClock clock = new SimClock(scheduler);
    loop = new SimLoop(scheduler);
    metadata = new SimMetadataLog(id, cluster.quorum(), scheduler, cluster.network());
    UUID incarnation = new UUID(id, starts);
    logs = LogDirectory.open(Path.of("/data"), storage, clock, id, () -> new UUID(id, 0));
    logs.joinCluster(CLUSTER_ID);
    SimControllerTransport transport =
        new SimControllerTransport(id, loop, cluster.network(), cluster::broker);
    replicas =
        ReplicasUnderTest.create(
            config(incarnation),
            logs,
            loop,
            clock,
            scheduler.random(),
            new SimReplicaTransport(id, loop, cluster.network(), cluster::broker),
            metadata,
            quorumRule());
    OptionalLong cleanEpoch = logs.cleanShutdownEpoch();
    session =
        new BrokerSession(
            new BrokerIdentity(
                CLUSTER_ID,
                id,
                incarnation,
                logs.directoryId(),
                cleanEpoch.isPresent() ? cleanEpoch.getAsLong() : -1,
                Map.of(ListenerName.BROKERS, new Endpoint("broker-" + id, id)),
                "sim"),
            metadata,
            transport,
            loop,
            clock,
            SimCluster.SESSIONS,
            replicas,
            replicas,
            new BrokerSessionListener() {
              @Override
              public void onRegistered(long brokerEpoch) {
                scheduler.trace(brokerEpoch);
              }

              @Override
              public void onRefused(ErrorCode error, String text) {
                throw new AssertionError("broker " + id + " refused: " + error + " " + text);
              }
            });
    controller = new ActiveController(id, metadata, transport, loop, clock, SimCluster.SESSIONS);
    loop.execute(
        () -> {
          replicas.start();
          controller.start();
          session.start();
          if (cluster.flaw() == Flaw.TRUNCATE_TO_HIGH_WATERMARK) {
            metadata.follow(image -> loop.execute(() -> cutToHighWatermark(image)));
          }
        });
  }

  private ReplicasConfig config(UUID incarnation) {
    return new ReplicasConfig(
        id,
        incarnation,
        new LeaderState.Patience(500, 50),
        100,
        10,
        new ReconnectBackoff(5, 100),
        2_048,
        6_000,
        2,
        300,
        1_000,
        SpaceLimits.NONE);
  }

  private HighWatermark.Quorum quorumRule() {
    return cluster.flaw() == Flaw.COUNT_COMMITTED_ISR_ONLY
        ? InSyncSet::isCommitted
        : HighWatermark.Quorum.MAXIMAL_ISR;
  }

  private void cutToHighWatermark(ClusterImage image) {
    for (Replica replica : replicas.replicas()) {
      PartitionImage partition = image.partition(replica.partition());
      if (replica.role() == Replica.Role.FOLLOWER
          && partition.leaderEpoch() > cutInEpoch.getOrDefault(replica.partition(), -1)) {
        cutInEpoch.put(replica.partition(), partition.leaderEpoch());
        replica.log().truncateTo(replica.highWatermark());
      }
    }
  }

  /** The process dies; the disk keeps what was written. */
  void kill() {
    loop.die();
    metadata.close();
    storage.killProcess();
    cluster.network().died(id);
  }

  /** The machine loses power; the disk keeps what was synced, and perhaps more. */
  void losePower() {
    kill();
    powerLosses++;
    mayHaveLostData = true;
    storage.losePower(cluster.scheduler().random());
  }

  /** The broker hands its leaderships over and closes its logs. */
  void stopCleanly() {
    loop.run(
        () ->
            session.stop(
                () -> {
                  replicas.close();
                  session.close();
                  controller.close();
                  logs.closeCleanly(replicas.brokerEpoch());
                  kill();
                }));
  }

  FollowerLinkListener accept(FollowerLink link, Hello hello) {
    return replicas.accept(link, hello);
  }

  SessionLinkListener<Heartbeat> acceptSession(SessionLink<HeartbeatReply> link) {
    return controller.accept(link);
  }

  long probed(String clusterId, int brokerId) {
    return session.brokerEpoch(clusterId, brokerId);
  }

  /** How a produce request ended. */
  interface ProduceReply {
    void ended(ErrorCode error, int leaderEpoch);
  }

  /** Takes a produce request with acks=all. On this broker's loop. */
  void produce(TopicIdPartition partition, byte[] batch, int leaderEpoch, ProduceReply reply) {
    Replica replica = replicas.replica(partition);
    if (replica == null) {
      reply.ended(ErrorCode.UNKNOWN_TOPIC_ID, -1);
      return;
    }
    Acks acks = cluster.flaw() == Flaw.ACK_BEFORE_HIGH_WATERMARK ? Acks.LEADER : Acks.ALL;
    replica.append(
        ByteBuffer.wrap(batch),
        leaderEpoch,
        acks,
        new AppendListener() {
          @Override
          public void onAppended(AppendReceipt receipt) {
            cluster.history().acknowledged(partition, receipt, batch);
            reply.ended(ErrorCode.NONE, receipt.status().leaderEpoch());
          }

          @Override
          public void onFailed(ErrorCode error, boolean maybeAppended, String text) {
            reply.ended(error, replica.leaderEpoch());
          }
        });
  }

  /** Serves a consumer from the leader's log; returns where it should go on. */
  long fetch(TopicIdPartition partition, long offset) {
    Replica replica = replicas.replica(partition);
    if (replica == null
        || replica.role() != Replica.Role.LEADER
        || offset >= replica.highWatermark()) {
      return offset;
    }
    return cluster.history().read(partition, replica.log(), offset, replica.highWatermark());
  }
}
