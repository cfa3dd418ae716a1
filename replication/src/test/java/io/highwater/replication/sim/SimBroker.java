package io.highwater.replication.sim;

import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.SteadyClock;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.DifferentContentException;
import io.highwater.replication.Replica;
import io.highwater.replication.ReplicaComparisons;
import io.highwater.replication.Replicas;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.ReplicasUnderTest;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.session.ActiveController;
import io.highwater.replication.control.session.BrokerIdentity;
import io.highwater.replication.control.session.BrokerSession;
import io.highwater.replication.control.session.BrokerSessionListener;
import io.highwater.replication.control.session.Heartbeat;
import io.highwater.replication.control.session.HeartbeatReply;
import io.highwater.replication.control.session.SessionLink;
import io.highwater.replication.control.session.SessionLinkListener;
import io.highwater.replication.control.session.StallWatch;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.follower.ReconnectBackoff;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;

/** A broker: the real parts on a simulated machine. Its disk outlives its processes. */
public final class SimBroker {
  static final String CLUSTER_ID = "sim";
  private static final long COMPARED_BYTES_PER_SECOND = 1 << 20;
  private static final long COMPARED_EVERY_MS = 200;

  private final int id;
  private final SimCluster cluster;
  private final SimDisk disk;
  private final SimClock clock;
  private SimLoop loop;
  private SimMetadataLog metadata;
  private LogDirectories logs;
  private Replicas replicas;
  private SimRequests requests;
  private BrokerSession session;
  private ActiveController controller;
  private int starts;
  private int powerLosses;
  private boolean mayHaveLostData;
  private boolean impaired;
  private boolean closing;
  private boolean sabotaging;
  private String lastFailure = "";

  SimBroker(int id, SimCluster cluster) {
    this.id = id;
    this.cluster = cluster;
    clock = new SimClock(cluster.scheduler());
    disk = new SimDisk(id, cluster);
    loop = new SimLoop(cluster.scheduler(), clock);
    loop.die();
  }

  /** Its number. */
  public int id() {
    return id;
  }

  /** The thread of its process, another one after a restart. */
  public SimLoop loop() {
    return loop;
  }

  /** Whether it has a process. */
  public boolean isAlive() {
    return loop.isAlive();
  }

  /** Whether it lives and is not stalled. */
  boolean runs() {
    return loop.isAlive() && !loop.isStalled();
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
  public Replicas replicas() {
    return isAlive() ? replicas : null;
  }

  /** What clients may ask, while it is alive. */
  SimRequests requests() {
    return requests;
  }

  /** Whether it ever went on without one of its log directories. */
  boolean wasImpaired() {
    return impaired;
  }

  /** Whether it runs without one of its log directories: somebody has to restart it. */
  boolean lacksDirectory() {
    return isAlive() && logs.live().size() < SimDisk.ROOTS.size();
  }

  /** Where a broker stands: each alone. */
  public static String rack(int id) {
    return "rack-" + id;
  }

  /** The clocks of its machine. */
  public SimClock clock() {
    return clock;
  }

  /** Power was lost, and the cluster has not yet heard of it. */
  boolean mayHaveLostData() {
    if (mayHaveLostData && isAlive() && replicas.brokerEpoch() >= 0) {
      mayHaveLostData = false;
    }
    return mayHaveLostData;
  }

  /** Starts a process, which dies at once when the disk fails it. */
  void start() {
    starts++;
    loop = new SimLoop(cluster.scheduler(), clock);
    metadata =
        new SimMetadataLog(
            id,
            cluster.quorum(),
            cluster.scheduler(),
            cluster.network(),
            replayed(),
            loop::isStalled);
    try {
      open(new UUID(id, starts));
    } catch (HighwaterException e) {
      died(e);
    }
  }

  private void sabotage() {
    sabotaging = true;
    try {
      cluster.sabotage().applied(id, replicas);
    } finally {
      sabotaging = false;
    }
  }

  /**
   * Nothing waits for the disk on the data loop, but for the end of a clean shutdown; flaws of
   * other kinds are not to be found by this.
   */
  private void requireOffLoop(Path path) {
    if (loop.inLoop() && !closing && !sabotaging) {
      throw new AssertionError("broker " + id + " waits for " + path + " on its loop");
    }
  }

  private void open(UUID incarnation) {
    closing = false;
    cluster.sabotage().opening(disk);
    disk.storage().whenSynced((operation, path) -> requireOffLoop(path));
    SimScheduler scheduler = cluster.scheduler();
    SteadyClock steady = new SteadyClock(clock, clock);
    logs =
        LogDirectories.open(
            cluster.sabotage().roots(disk),
            disk.metadataRoot(),
            root ->
                LogDirectory.open(
                    root, disk.storage(), steady, clock, id, () -> disk.directoryId(root)));
    logs.joinCluster(CLUSTER_ID);
    SimControllerTransport transport =
        new SimControllerTransport(id, loop, cluster.network(), cluster::broker);
    replicas =
        ReplicasUnderTest.create(
            config(incarnation),
            logs,
            loop,
            loop::io,
            clock,
            scheduler.random(),
            new SimReplicaTransport(
                id, loop, cluster.network(), cluster::broker, cluster.sabotage()),
            metadata,
            cluster.sabotage().quorumRule(),
            (partition, failure) -> logFailed(failure));
    requests = new SimRequests(replicas, cluster);
    OptionalLong cleanEpoch = logs.cleanShutdownEpoch();
    BrokerIdentity identity =
        new BrokerIdentity(
            CLUSTER_ID,
            id,
            incarnation,
            logs.metadata().directoryId(),
            new LastRun(cleanEpoch.orElse(-1), logs.killedEpoch().orElse(-1)),
            Map.of(
                ListenerName.BROKERS,
                new Endpoint("broker-" + id, id),
                ListenerName.CLIENTS,
                new Endpoint("broker-" + id, id)),
            "sim",
            rack(id),
            Feature.allSupported());
    session =
        new BrokerSession(
            identity,
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
                loop.io(() -> writeDown(brokerEpoch));
              }

              @Override
              public void onRefused(ErrorCode error, String text) {
                throw new AssertionError("broker " + id + " refused: " + error + " " + text);
              }
            });
    controller = new ActiveController(id, metadata, transport, loop, clock, SimCluster.SESSIONS);
    ReplicaComparisons comparisons =
        new ReplicaComparisons(loop, replicas, COMPARED_BYTES_PER_SECOND, COMPARED_EVERY_MS);
    StallWatch stallWatch =
        new StallWatch(identity, metadata, loop.beside(), loop, clock, SimCluster.SESSIONS);
    stallWatch.start();
    loop.execute(
        () -> {
          replicas.start();
          controller.start();
          session.start();
          comparisons.start();
          metadata.follow(image -> loop.execute(this::sabotage));
        });
  }

  private void writeDown(long brokerEpoch) {
    try {
      logs.registered(brokerEpoch);
    } catch (HighwaterException e) {
      cluster.scheduler().trace(brokerEpoch); // Then it says less after a kill.
    }
  }

  /** A restarted process knows at least what the last one knew. */
  private ClusterImage replayed() {
    ClusterImage newest = cluster.quorum().seenImage();
    return metadata == null || cluster.scheduler().chance(0.5) ? newest : metadata.image();
  }

  private ReplicasConfig config(UUID incarnation) {
    return new ReplicasConfig(
        id,
        incarnation,
        new LeaderState.Patience(1_500, SimCluster.SESSIONS.sessionTimeoutMs(), 50),
        100,
        10,
        new ReconnectBackoff(5, 100),
        2_048,
        6_000,
        2,
        300,
        1_000,
        new SpaceLimits(0, 256, 4_096),
        0);
  }

  /** The process dies; the disk keeps what was written. */
  void kill() {
    loop.die();
    metadata.close();
    disk.storage().killProcess();
    cluster.network().died(id);
  }

  /** As a broker does: it stops when all directories are offline, else only tells of the log. */
  private void logFailed(HighwaterException failure) {
    if (failure instanceof DifferentContentException && !cluster.mayDiffer()) {
      throw new AssertionError("REP-10: a sound replica is condemned: " + failure.getMessage());
    }
    if (!logs.isOffline()) {
      impaired |= lacksDirectory();
      session.reportOffline();
      return;
    }
    SimLoop failed = loop;
    cluster
        .scheduler()
        .after(
            0,
            "disk-failed",
            () -> {
              if (loop == failed && isAlive()) {
                died(failure);
              }
            });
  }

  private void died(HighwaterException failure) {
    lastFailure = failure.getMessage();
    kill();
  }

  /** How it stands, and its replica of a partition, for a failure's message. */
  String describe(TopicIdPartition partition) {
    Replica replica = replicas() == null ? null : replicas().replica(partition);
    String process = "broker " + id + (isAlive() ? " up " : " down ") + lastFailure;
    if (replica == null) {
      return process;
    }
    return process
        + replica.role()
        + " epoch "
        + replica.leaderEpoch()
        + " "
        + replica.log().offsets()
        + " "
        + replica.log().epochs()
        + (replica.followerState() == null ? "" : " " + replica.followerState().phase())
        + (replica.leaderState() == null
            ? ""
            : " maximal " + replica.leaderState().inSync().maximal());
  }

  /** Its disk, to break. */
  SimDisk disk() {
    return disk;
  }

  /** While the broker is down, its logs are damaged. */
  void damage(Consumer<SimDisk> how) {
    powerLosses++;
    mayHaveLostData = true;
    how.accept(disk);
  }

  /** The process hears late of what the control plane decides. */
  void lagBehindMetadata(long durationMs) {
    metadata.lag(durationMs);
  }

  /** Clock and disk are as they should be. */
  void heal() {
    clock.runAt(1);
    disk.storage().heal();
    disk.makeRoom();
  }

  /** The machine loses power; the disk keeps what was synced, and perhaps more. */
  void losePower() {
    kill();
    powerLosses++;
    mayHaveLostData = true;
    disk.storage().losePower(cluster.scheduler().random());
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
                  closeCleanly();
                  kill();
                }));
  }

  private void closeCleanly() {
    closing = true;
    try {
      logs.closeCleanly(replicas.brokerEpoch());
    } catch (HighwaterException e) {
      cluster.scheduler().trace(e.code().wire());
    }
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
}
