package io.highwater.replication;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectories;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.control.session.LogEnds;
import io.highwater.replication.control.session.OfflineReplicas;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.follower.FollowerStreams;
import io.highwater.replication.leader.LeaderStreams;
import io.highwater.replication.leader.Leadership;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkAcceptor;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.ReplicaTransport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All partitions on this broker. Follows the cluster's images: opens and creates logs, takes and
 * gives up roles by leader epoch, removes what was deleted. Everything runs on the owner loop, in
 * turns that are short however many partitions change; what waits for the disk is a {@link
 * DiskSteps step}.
 *
 * <p>A broker acts only upon images that show its own registration, so that a restarted process
 * never takes itself for the leader it was before.
 */
public final class Replicas
    implements FollowerLinkAcceptor, LogEnds, OfflineReplicas, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);

  /** Steps of so many logs sync the directory once for all, and others run beside them. */
  private static final int OPENED_TOGETHER = 32;

  private static final List<PartitionImage> NO_PARTITIONS = List.of();

  private final ReplicasConfig config;
  private final DiskSteps disk;
  private final PartitionLogs logs;
  private final OwnerLoop loop;
  private final LogMaintenance maintenance;
  private final MetadataLog metadata;
  private final ReplicaContext context;
  private final FollowerStreams followerStreams;
  private final LeaderStreams leaderStreams;
  private final DamagedReplicas damaged;
  private final TopicRemovals removals;
  private final MovedReplicas moved;
  private final BiConsumer<TopicIdPartition, HighwaterException> onStorageFailure;
  private final Map<TopicIdPartition, Replica> replicas = new LinkedHashMap<>();
  private final Map<UUID, TopicImage> applied = new LinkedHashMap<>();

  /** The last image of which {@code applied} knows the topics. */
  private ClusterImage settled = ClusterImage.EMPTY;

  private final UnfinishedTopics unfinished;
  private final Set<TopicIdPartition> opening = new HashSet<>();
  private final List<PartitionLogs.Opening> toOpen = new ArrayList<>();
  private LongConsumer inForce = index -> {};
  private ClusterImage image = ClusterImage.EMPTY;
  private Cancellable tick = Cancellable.DONE;
  private boolean closed;

  /**
   * @param directories this broker's data, open; closed by their owner after {@link #close}
   * @param io where long waits for the disk belong: checkpoints, reads of old segments, freeing the
   *     space of deleted topics
   * @param flushes runs what acknowledgements and roles wait for, {@link
   *     io.highwater.log.flush.GroupCommit#MAX_PARALLEL} at once
   * @param random spreads reconnects
   * @param onStorageFailure hears, on the loop, of a partition whose log failed; its leadership has
   *     to be given up, which a broker does by stopping
   */
  public Replicas(
      ReplicasConfig config,
      LogDirectories directories,
      OwnerLoop loop,
      Executor io,
      Executor flushes,
      NanoClock clock,
      RandomGenerator random,
      ReplicaTransport transport,
      MetadataLog metadata,
      BiConsumer<TopicIdPartition, HighwaterException> onStorageFailure) {
    this(
        config,
        directories,
        loop,
        io,
        flushes,
        clock,
        random,
        transport,
        metadata,
        onStorageFailure,
        HighWatermark.Quorum.MAXIMAL_ISR);
  }

  /** With another rule about whom the high watermark waits for: for tests that break it. */
  Replicas(
      ReplicasConfig config,
      LogDirectories directories,
      OwnerLoop loop,
      Executor io,
      Executor flushes,
      NanoClock clock,
      RandomGenerator random,
      ReplicaTransport transport,
      MetadataLog metadata,
      BiConsumer<TopicIdPartition, HighwaterException> onStorageFailure,
      HighWatermark.Quorum quorum) {
    this.config = config;
    this.onStorageFailure = onStorageFailure;
    this.loop = loop;
    this.metadata = metadata;
    NanoClock wakeful = new WakefulClock(clock, config.patience().silenceMaxMs() / 2);
    LongSupplier nowMs = () -> TimeUnit.NANOSECONDS.toMillis(wakeful.nanoTime());
    this.disk = new DiskSteps(loop, flushes, nowMs);
    this.logs = new PartitionLogs(directories, disk);
    this.followerStreams = new FollowerStreams(config, loop, io, clock, random, transport);
    this.leaderStreams =
        new LeaderStreams(config, loop, io, clock, wakeful, () -> image, this::leadershipOf);
    MetadataReports reports =
        new MetadataReports(config.brokerId(), loop, wakeful, metadata, () -> image);
    this.damaged =
        new DamagedReplicas(
            config.brokerId(),
            logs,
            io,
            nowMs,
            2 * config.patience().silenceMaxMs(),
            this::refetch);
    this.removals =
        new TopicRemovals(config.brokerId(), logs, io, reports, applied::containsKey, nowMs);
    this.moved = new MovedReplicas(config.brokerId(), logs, loop, io, reports, nowMs);
    this.context =
        new ReplicaContext(
            config,
            wakeful,
            leaderStreams,
            quorum,
            followerStreams,
            reports,
            loop,
            flushes,
            disk,
            replicaEvents);
    this.unfinished =
        new UnfinishedTopics(loop, nowMs, this::apply, index -> inForce.accept(index));
    this.maintenance = new LogMaintenance(config, logs, replicas.values(), loop, io);
  }

  /** What waits for the disk, beside the loop. */
  DiskSteps disk() {
    return disk;
  }

  /**
   * Begins to follow the metadata log. From any thread. Logs that are not open yet are opened, and
   * recovered, as images name them: a broker that may have to recover opens them before.
   */
  public void start() {
    loop.execute(
        () -> {
          tickLater();
          maintenance.start();
        });
    metadata.follow(newer -> loop.execute(() -> onImage(newer)));
  }

  /** Settings of a topic's logs, for a broker that recovers them before {@link #start}. */
  public static LogConfig logConfig(TopicImage topic) {
    return TopicLogConfig.of(topic.configs());
  }

  /**
   * From now on somebody hears, on the owner loop, of every index whose image is in force here:
   * logs are there and roles are taken, but for partitions that lack space on the disk. Before
   * {@link #start}.
   */
  public void onInForce(LongConsumer listener) {
    inForce = listener;
  }

  /** The replica of a partition, or null when this broker has none. */
  public Replica replica(UUID topicId, int partition) {
    return replica(new TopicIdPartition(topicId, partition));
  }

  /** The replica of a partition, or null when this broker has none. */
  public Replica replica(TopicIdPartition partition) {
    return replicas.get(partition);
  }

  /** What is wrong with a log on this broker that cannot be served, or null. */
  public String damage(TopicIdPartition partition) {
    return damaged.problem(partition);
  }

  /** All replicas on this broker; a view. */
  public Collection<Replica> replicas() {
    return Collections.unmodifiableCollection(replicas.values());
  }

  /** Work on all logs that comes round: others add theirs. */
  public LogMaintenance maintenance() {
    return maintenance;
  }

  /** The newest image applied here. */
  public ClusterImage image() {
    return image;
  }

  /** This broker's epoch as applied here, or -1 before its registration (FEN-3). */
  public long brokerEpoch() {
    return context.brokerEpoch();
  }

  /** The end of a log that is fetched again says nothing of what there was. */
  @Override
  public Optional<LogEnd> of(TopicIdPartition partition) {
    TopicImage topic = image.topic(partition.topicId());
    if (topic == null || !disk.isIdle(new TopicPartition(topic.name(), partition.partition()))) {
      return Optional.empty(); // It may be cut just now.
    }
    if (damaged.isRefetched(partition, topic.partition(partition.partition()))) {
      return Optional.of(LogEnd.NONE);
    }
    if (damaged.contains(partition)) {
      return damaged.end(partition, image);
    }
    return Optional.ofNullable(replicas.get(partition)).map(Replica::end);
  }

  @Override
  public Collection<TopicIdPartition> offline() {
    return damaged.all();
  }

  @Override
  public boolean isAbsent(TopicIdPartition partition) {
    return damaged.isAbsent(partition);
  }

  @Override
  public FollowerLinkListener accept(FollowerLink link, Hello hello) {
    return leaderStreams.accept(link, hello);
  }

  /** Streams to the followers of what is led here. */
  public LeaderStreams leaderStreams() {
    return leaderStreams;
  }

  /** Applies an image; older ones than the present are ignored (CTL-2). */
  public void onImage(ClusterImage newer) {
    if (closed || newer.index() <= image.index()) {
      return;
    }
    image = newer;
    unfinished.onImage(newer.index());
    BrokerRegistration self = newer.broker(config.brokerId());
    if (self == null || !self.incarnation().equals(config.incarnation())) {
      if (context.brokerEpoch() >= 0) {
        LOG.warn("broker {} was registered by another process", config.brokerId());
        replicas.values().forEach(Replica::release);
        applied.clear();
        settled = ClusterImage.EMPTY;
        unfinished.clear();
        context.registered(-1);
      }
      unfinished.finish();
      return;
    }
    if (context.brokerEpoch() < 0) {
      logs.expect(newer, config.brokerId());
    }
    context.registered(self.epoch());
    followerStreams.onImage(newer, self.epoch());
    // First what is missing: a topic of the same name waits until it is gone.
    Set<UUID> changed = newer.topicsChangedSince(settled);
    settled = newer;
    for (UUID topicId : changed) {
      if (newer.topic(topicId) == null && applied.containsKey(topicId)) {
        unfinished.add(topicId);
      }
    }
    removals.settle(newer);
    moved.settle(newer);
    damaged.settle(newer);
    for (UUID topicId : changed) {
      TopicImage topic = newer.topic(topicId);
      if (topic != null) {
        applied.put(topicId, topic);
        unfinished.add(topicId);
      }
    }
    unfinished.finish();
    removals.confirm(self.epoch());
    moved.confirm(self.epoch());
  }

  /**
   * Completes on the loop when, after {@link #close}, nothing works on the logs any more: they may
   * be closed then.
   */
  public CompletableFuture<Void> quiet() {
    return disk.quiet();
  }

  /** Gives up every role and closes every stream; the logs stay open. */
  @Override
  public void close() {
    closed = true;
    unfinished.close();
    disk.close();
    tick.cancel();
    maintenance.close();
    replicas.values().forEach(Replica::release);
    followerStreams.close();
    leaderStreams.close();
  }

  private Leadership leadershipOf(TopicIdPartition partition) {
    Replica replica = replicas.get(partition);
    return replica == null ? null : replica.leadership();
  }

  /** As {@link UnfinishedTopics.Work}; what is in force already does not end a turn. */
  private int apply(UUID topicId, int from, long turnEndMs) {
    TopicImage topic = image.topic(topicId);
    if (topic == null) {
      return release(topicId, turnEndMs) ? UnfinishedTopics.DONE : 0;
    }
    LogConfig logConfig = logConfig(topic);
    List<PartitionImage> partitions = topic.partitions();
    int next = from;
    boolean ended = false;
    while (next < partitions.size() && !ended) {
      PartitionImage partition = partitions.get(next++);
      boolean changed = apply(topic, partition, topic.idOf(partition.partition()), logConfig);
      ended = changed && context.nowMs() >= turnEndMs;
    }
    moved.remove();
    open();
    return next < partitions.size() ? next : UnfinishedTopics.DONE;
  }

  /** Whether anything was to be done. */
  private boolean apply(
      TopicImage topic, PartitionImage partition, TopicIdPartition id, LogConfig logConfig) {
    Replica replica = replicas.get(id);
    if (!partition.replicas().contains(config.brokerId())) {
      if (replica != null) {
        release(replica);
        replicas.remove(id);
      }
      if (moved.left(topic, partition)) {
        damaged.forget(id);
      }
      return replica != null;
    }
    if (damaged.contains(id) || opening.contains(id)) {
      return false;
    }
    if (replica == null) {
      PartitionLog log = logs.opened(topic, id);
      if (log == null) {
        opening.add(id);
        toOpen.add(new PartitionLogs.Opening(topic, id, logConfig));
        unfinished.waits(id);
        return true;
      }
      replica = new Replica(id, topic.name(), log, context);
      replicas.put(id, replica);
    }
    if (!replica.log().config().equals(logConfig)) {
      replica.log().reconfigure(logConfig);
    }
    if (replica.knows(partition.partitionEpoch())) {
      return false;
    }
    replica.assign(ReplicaContext.assignmentOf(topic, partition));
    waitsWhilePreparing(replica);
    return true;
  }

  private void waitsWhilePreparing(Replica replica) {
    if (replica.isPreparing()) {
      unfinished.waits(replica.partition());
    } else {
      unfinished.waitsNoMore(replica.partition());
    }
  }

  /** What is to be opened, in steps that share a few threads. */
  private void open() {
    for (int from = 0; from < toOpen.size(); from += OPENED_TOGETHER) {
      int end = Math.min(toOpen.size(), from + OPENED_TOGETHER);
      logs.open(List.copyOf(toOpen.subList(from, end)), this::opened);
    }
    toOpen.clear();
  }

  private void opened(PartitionLogs.Opening opened, HighwaterException failure) {
    TopicIdPartition id = opened.id();
    opening.remove(id);
    TopicImage topic = image.topic(id.topicId());
    PartitionImage partition = image.partition(id);
    if (failure != null) {
      failed(id, failure);
    } else if (partition != null && context.brokerEpoch() >= 0) {
      unfinished.hasSpace(id);
      apply(topic, partition, id, logConfig(topic));
      moved.remove();
      open();
    }
    Replica replica = replicas.get(id);
    if (!opening.contains(id) && (replica == null || !replica.isPreparing())) {
      unfinished.waitsNoMore(id);
    }
  }

  /** The disk refused a log, or the start of an epoch. */
  private void failed(TopicIdPartition id, HighwaterException failure) {
    TopicImage topic = image.topic(id.topicId());
    String name = (topic == null ? id.topicId() : topic.name()) + "-" + id.partition();
    if (failure.code() == ErrorCode.STORAGE_FULL) {
      if (unfinished.awaitSpace(id)) {
        LOG.warn("{} waits: {}", name, failure.getMessage());
      }
    } else {
      LOG.error("{} is offline: {}", name, failure.getMessage());
      storageFailed(id, failure);
    }
  }

  private void release(Replica replica) {
    replica.release();
    unfinished.waitsNoMore(replica.partition());
  }

  /**
   * CTL-5: a topic that is merely missing loses its roles; only a deleted one loses its data, once
   * nothing here uses it. Whether the turn was long enough.
   */
  private boolean release(UUID topicId, long turnEndMs) {
    TopicImage last = applied.get(topicId);
    boolean deleted = image.deletedTopic(topicId) != null;
    for (PartitionImage partition : last == null ? NO_PARTITIONS : last.partitions()) {
      TopicIdPartition id = last.idOf(partition.partition());
      Replica replica = replicas.get(id);
      if (replica != null && (deleted || replica.assignment() != null)) {
        release(replica);
        if (deleted) {
          replicas.remove(id);
        }
        if (context.nowMs() >= turnEndMs) {
          return false;
        }
      }
    }
    unfinished.awaitsNoSpace(topicId);
    if (deleted) {
      applied.remove(topicId);
      removals.settle(image);
    }
    return true;
  }

  private void storageFailed(TopicIdPartition id, HighwaterException failure) {
    unfinished.waitsNoMore(id);
    damaged.add(id, failure, replicas.get(id), image.topic(id.topicId()));
    onStorageFailure.accept(id, failure);
  }

  /** Its log was set aside: it is opened anew, and followed. */
  private void refetch(TopicIdPartition id) {
    Replica replica = replicas.remove(id);
    if (replica != null) {
      replica.release();
    }
    unfinished.add(id.topicId());
    unfinished.finishLater();
  }

  private final ReplicaContext.Listener replicaEvents =
      new ReplicaContext.Listener() {
        @Override
        public void storageFailed(TopicIdPartition partition, HighwaterException failure) {
          Replicas.this.storageFailed(partition, failure);
        }

        @Override
        public void prepared(TopicIdPartition partition, HighwaterException failure) {
          if (failure == null) {
            unfinished.hasSpace(partition);
          } else if (failure.code() == ErrorCode.STORAGE_FULL) {
            failed(partition, failure);
          }
          unfinished.waitsNoMore(partition);
        }
      };

  private void tickLater() {
    tick =
        loop.schedule(
            config.tickMs(),
            () -> {
              followerStreams.showLife();
              long nowMs = context.nowMs();
              replicas.values().forEach(replica -> replica.tick(nowMs));
              unfinished.retry();
              if (context.brokerEpoch() >= 0) {
                damaged.settle(image);
                removals.retry(image);
                moved.retry(image);
                removals.confirm(context.brokerEpoch());
                moved.confirm(context.brokerEpoch());
              }
              tickLater();
            });
  }
}
