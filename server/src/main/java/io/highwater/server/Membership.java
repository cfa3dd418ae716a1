package io.highwater.server;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replicas;
import io.highwater.replication.ReplicasConfig;
import io.highwater.replication.TakeOver;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.session.ActiveController;
import io.highwater.replication.control.session.BrokerIdentity;
import io.highwater.replication.control.session.BrokerSession;
import io.highwater.replication.control.session.BrokerSessionListener;
import io.highwater.replication.control.session.ControllerTransport;
import io.highwater.replication.control.session.LeaderBalancer;
import io.highwater.replication.control.session.SessionConfig;
import io.highwater.replication.control.session.StallWatch;
import io.highwater.replication.transport.ReplicaTransport;
import io.highwater.server.config.PlacementConfig;
import io.highwater.server.config.ReplicationConfig;
import io.highwater.server.config.StorageConfig;
import io.highwater.server.metadata.ImageWaiters;
import io.highwater.server.metadata.IsrHistory;
import io.highwater.server.metadata.LossLog;
import io.highwater.server.partition.TopicCatalog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This broker's part in its cluster: the replicas it holds, its session with the active controller,
 * and the controller that it becomes when it leads the quorum.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final long PROBE_TIMEOUT_MS = 500;
  private static final long LONGEST_GRACE_MS = 10_000;
  private static final long STOP_TIMEOUT_MS = 5_000;
  private static final long IMAGE_TIMEOUT_MS = 60_000;
  private static final long TAKE_OVER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(6);
  private static final long TAKE_OVER_LOOK_MS = 5;

  private final Ground ground;
  private final Consumer<HighwaterException> onFailure;
  private final TopicCatalog catalog = new TopicCatalog();
  private final ImageWaiters images;
  private final IsrHistory isrHistory;
  private final LossLog losses;
  private final Replicas replicas;
  private final ActiveController controller;
  private final LeaderBalancer balancer;
  private final BrokerSession session;
  private final StallWatch stallWatch;
  private final CompletableFuture<Void> joined = new CompletableFuture<>();

  /** What a membership stands on. */
  record Ground(
      ReplicationConfig config,
      PlacementConfig placement,
      StorageConfig storage,
      BrokerIdentity identity,
      DataDirectory directory,
      MetadataLog metadataLog,
      OwnerLoop loop,
      OwnerLoop watchLoop,
      EpochClock wallClock,
      NanoClock clock,
      RandomGenerator random,
      Executor ioPool,
      Executor flushPool,
      ReplicaTransport replicaTransport,
      ControllerTransport controllerTransport) {}

  /**
   * @param onFailure hears, on the loop, that the broker has to stop
   */
  Membership(Ground ground, Consumer<HighwaterException> onFailure) {
    this.ground = ground;
    this.onFailure = onFailure;
    this.images = new ImageWaiters(ground.loop());
    this.isrHistory = new IsrHistory(ground.wallClock());
    this.losses = new LossLog(ground.identity().brokerId());
    int brokerId = ground.identity().brokerId();
    replicas =
        new Replicas(
            ReplicasConfig.defaults(
                    brokerId,
                    ground.identity().incarnation(),
                    ground.config().lagTimeMaxMs(),
                    ground.config().sessionTimeoutMs())
                .with(
                    ground.storage().retentionCheckMs(),
                    ground.storage().space(),
                    ground.config().produceLatencyMaxMs()),
            ground.directory().logs(),
            ground.loop(),
            ground.ioPool(),
            ground.flushPool(),
            ground.clock(),
            ground.random(),
            ground.replicaTransport(),
            ground.metadataLog(),
            this::onStorageFailure);
    SessionConfig sessions = sessionConfig(ground.config());
    controller =
        new ActiveController(
            brokerId,
            ground.metadataLog(),
            ground.controllerTransport(),
            ground.loop(),
            ground.clock(),
            sessions);
    balancer =
        new LeaderBalancer(
            brokerId,
            ground.metadataLog(),
            ground.loop(),
            TimeUnit.SECONDS.toMillis(ground.placement().imbalanceCheckSeconds()),
            ground.placement().imbalancePercentage());
    session =
        new BrokerSession(
            ground.identity(),
            ground.metadataLog(),
            ground.controllerTransport(),
            ground.loop(),
            ground.clock(),
            sessions,
            replicas,
            replicas,
            new Standing());
    stallWatch =
        new StallWatch(
            ground.identity(),
            ground.metadataLog(),
            ground.watchLoop(),
            ground.loop(),
            ground.clock(),
            sessions);
  }

  private static SessionConfig sessionConfig(ReplicationConfig config) {
    return new SessionConfig(
        config.heartbeatIntervalMs(),
        config.sessionTimeoutMs(),
        PROBE_TIMEOUT_MS,
        LONGEST_GRACE_MS,
        STOP_TIMEOUT_MS);
  }

  TopicCatalog catalog() {
    return catalog;
  }

  ImageWaiters images() {
    return images;
  }

  IsrHistory isrHistory() {
    return isrHistory;
  }

  Replicas replicas() {
    return replicas;
  }

  ActiveController controller() {
    return controller;
  }

  BrokerSession session() {
    return session;
  }

  /**
   * Follows the cluster and registers.
   *
   * @return completes on the loop when the broker is registered and that image is in force here;
   *     fails when the cluster refuses it for good
   */
  CompletableFuture<Void> join() {
    MetadataLog log = ground.metadataLog();
    // Called in this order for each image: who answers a request about a new topic finds it in the
    // catalog and its replica in place.
    log.follow(
        image ->
            ground
                .loop()
                .execute(
                    () -> {
                      catalog.apply(image);
                      isrHistory.onImage(image);
                      losses.onImage(image);
                      images.known(image.index());
                    }));
    replicas.onInForce(images::applied);
    replicas.start();
    stallWatch.start();
    ground
        .loop()
        .execute(
            () -> {
              controller.start();
              if (ground.placement().autoLeaderRebalance()) {
                balancer.start();
              }
              session.start();
            });
    return joined;
  }

  /**
   * Hands leaderships over, as far as others can take them, and goes on serving until they did;
   * then that of the quorum.
   *
   * @return completes, bounded in time
   */
  CompletableFuture<Void> handOver() {
    CompletableFuture<Void> takenOver = new CompletableFuture<>();
    ground
        .loop()
        .execute(
            () -> {
              TakeOver takeOver = new TakeOver(ground.identity().brokerId(), replicas);
              long endNs = ground.clock().nanoTime() + TAKE_OVER_TIMEOUT_NS;
              session.stop(() -> await(takeOver, endNs, takenOver));
            });
    return takenOver.thenCompose(unused -> ground.metadataLog().resign());
  }

  private void await(TakeOver takeOver, long endNs, CompletableFuture<Void> done) {
    if (takeOver.isDone()) {
      done.complete(null);
    } else if (ground.clock().nanoTime() - endNs >= 0) {
      LOG.warn("not everything led here was taken over in time");
      done.complete(null);
    } else {
      ground.loop().schedule(TAKE_OVER_LOOK_MS, () -> await(takeOver, endNs, done));
    }
  }

  /**
   * Gives up every role and ends the session.
   *
   * @return completes, when nothing works on the logs any more, with the epoch in which the broker
   *     lived, -1 for none
   */
  CompletableFuture<Long> leave() {
    stallWatch.close();
    return CompletableFuture.supplyAsync(
            () -> {
              long brokerEpoch = session.brokerEpoch();
              replicas.close();
              session.close();
              controller.close();
              balancer.close();
              return brokerEpoch;
            },
            ground.loop()::execute)
        .thenCombine(replicas.quiet(), (brokerEpoch, unused) -> brokerEpoch);
  }

  /**
   * Others lead what this broker cannot serve any more; it stops when that is everything. A damaged
   * follower or a last replica takes nothing else down.
   */
  private void onStorageFailure(TopicIdPartition id, HighwaterException failure) {
    if (ground.directory().logs().isOffline()) {
      onFailure.accept(failure);
    } else {
      session.reportOffline();
    }
  }

  /** How the broker stands with its cluster. */
  private final class Standing implements BrokerSessionListener {
    @Override
    public void onRegistered(long brokerEpoch) {
      ground.ioPool().execute(() -> writeDown(brokerEpoch));
      // A broker's epoch is the index of its registration.
      CompletableFuture<Void> unused =
          images
              .await(brokerEpoch, IMAGE_TIMEOUT_MS)
              // What it leads since it registered is in force as well then.
              .thenCompose(registered -> images.awaitKnown(IMAGE_TIMEOUT_MS))
              .whenComplete((applied, failure) -> joined.complete(null));
    }

    /** Without it the next start says less than it might. */
    private void writeDown(long brokerEpoch) {
      try {
        ground.directory().logs().registered(brokerEpoch);
      } catch (HighwaterException e) {
        LOG.warn("broker epoch {} is not written down: {}", brokerEpoch, e.getMessage());
      }
    }

    @Override
    public void onRefused(ErrorCode error, String text) {
      HighwaterException refusal = new HighwaterException(error, text);
      if (!joined.completeExceptionally(refusal)) {
        onFailure.accept(refusal);
      }
    }
  }
}
