package io.highwater.replication;

import io.highwater.log.PartitionLog;
import io.highwater.log.flush.GroupCommit;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.core.Hearing;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.PartitionAssignment;
import io.highwater.replication.follower.FollowerAppender;
import io.highwater.replication.follower.FollowerEvents;
import io.highwater.replication.follower.FollowerStreams;
import io.highwater.replication.leader.Leadership;
import io.highwater.replication.leader.LeadershipEvents;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/** What the replicas of one broker share. On the owner loop. */
final class ReplicaContext {
  private final ReplicasConfig config;
  private final NanoClock clock;
  private final Hearing hearing;
  private final HighWatermark.Quorum quorum;
  private final FollowerStreams followerStreams;
  private final MetadataReports reports;
  private final Listener listener;
  private final DiskSteps disk;
  private final OwnerLoop loop;
  private final Executor flushes;
  private final Map<Path, GroupCommit> groups = new HashMap<>();
  private long brokerEpoch = -1;

  /** What becomes of replicas. */
  interface Listener {
    /** The log cannot be served any more. */
    void storageFailed(TopicIdPartition partition, HighwaterException failure);

    /**
     * The disk is ready for a role, or refused it.
     *
     * @param failure null when the replica has the role now; STORAGE_FULL when it is to be offered
     *     again; after any other the replica is offline
     */
    void prepared(TopicIdPartition partition, HighwaterException failure);
  }

  ReplicaContext(
      ReplicasConfig config,
      NanoClock clock,
      Hearing hearing,
      HighWatermark.Quorum quorum,
      FollowerStreams followerStreams,
      MetadataReports reports,
      OwnerLoop loop,
      Executor flushes,
      DiskSteps disk,
      Listener listener) {
    this.disk = disk;
    this.loop = loop;
    this.flushes = flushes;
    this.config = config;
    this.clock = clock;
    this.hearing = hearing;
    this.quorum = quorum;
    this.followerStreams = followerStreams;
    this.reports = reports;
    this.listener = listener;
  }

  int brokerId() {
    return config.brokerId();
  }

  /** This broker's registration, or -1 before it. */
  long brokerEpoch() {
    return brokerEpoch;
  }

  void registered(long epoch) {
    brokerEpoch = epoch;
  }

  long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
  }

  FollowerStreams followerStreams() {
    return followerStreams;
  }

  /** The flushes of a replica, shared with the others in its log directory. */
  ReplicaFlush flush(PartitionLog log, Runnable onFlushed, Consumer<HighwaterException> onFailed) {
    GroupCommit group =
        groups.computeIfAbsent(
            log.logDirectory(), directory -> new GroupCommit(loop::execute, flushes));
    return new ReplicaFlush(log, group, loop, onFlushed, onFailed);
  }

  /** What waits for the disk. */
  DiskSteps disk() {
    return disk;
  }

  /**
   * Takes leadership over.
   *
   * @param log in which the epoch began
   */
  Leadership lead(
      TopicIdPartition partition,
      PartitionLog log,
      PartitionAssignment assignment,
      LeadershipEvents events) {
    LeaderState state =
        new LeaderState(
            config.brokerId(),
            brokerEpoch,
            assignment,
            log.logEndOffset(),
            log.highWatermark(),
            config.patience(),
            hearing,
            quorum,
            nowMs());
    if (log.config().flush().isGroup()) {
      state.countOnlyFlushed(log.flushedOffset());
    }
    return new Leadership(partition, log, state, events);
  }

  FollowerAppender follow(
      TopicIdPartition partition,
      PartitionLog log,
      PartitionAssignment assignment,
      FollowerEvents events) {
    FollowerState state =
        new FollowerState(assignment.leader(), assignment.leaderEpoch(), config.refusedPauseMs());
    FollowerAppender follower =
        new FollowerAppender(partition, log, state, events, disk, this::nowMs);
    followerStreams.add(follower);
    return follower;
  }

  /** As {@link MetadataReports#isLossTold}. */
  boolean isLossTold(Replica replica, long fromOffset, long endOffset) {
    return reports.isLossTold(replica, fromOffset, endOffset);
  }

  void propose(Leadership leadership, IsrProposal proposal) {
    reports.propose(leadership, proposal);
  }

  void storageFailed(Replica replica, HighwaterException failure) {
    listener.storageFailed(replica.partition(), failure);
  }

  void prepared(Replica replica, HighwaterException failure) {
    listener.prepared(replica.partition(), failure);
  }

  /** What a replica has to know of its partition. */
  static PartitionAssignment assignmentOf(TopicImage topic, PartitionImage partition) {
    return new PartitionAssignment(
        partition.replicas(),
        partition.isr(),
        partition.leader(),
        partition.leaderEpoch(),
        partition.partitionEpoch(),
        topic.minInSyncReplicas(partition));
  }
}
