package io.highwater.replication;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.session.LogEnds.LogEnd;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.core.LeaderState;
import io.highwater.replication.core.PartitionAssignment;
import io.highwater.replication.follower.FollowerAppender;
import io.highwater.replication.follower.FollowerEvents;
import io.highwater.replication.leader.Leadership;
import io.highwater.replication.leader.LeadershipEvents;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One partition on this broker: its log, and its role in the present leader epoch. Everything here
 * belongs to the owner loop, except that {@link #log()} may be read by any thread.
 */
public final class Replica {
  /** What the broker is to the partition now. */
  public enum Role {
    /** Takes appends. */
    LEADER,
    /** Copies the leader's log. */
    FOLLOWER,
    /**
     * The partition has no leader, this broker is not registered yet, or the disk is still being
     * made ready for another role.
     */
    IDLE,
    /** The log failed: nothing is served until the broker restarts (STO-8). */
    OFFLINE
  }

  private final TopicIdPartition partition;
  private final String topic;
  private final PartitionLog log;
  private final ReplicaContext context;
  private final ReplicaFlush flush;
  private final LeaderCheck check;
  private final List<HighWatermarkListener> listeners = new ArrayList<>();
  private PartitionAssignment assignment;
  private Role role = Role.IDLE;
  private Leadership leadership;
  private FollowerAppender follower;

  /** Whether nothing was appended or cut since the log was opened. */
  private boolean isAsOpened = true;

  /** Counts roles: what is done for an earlier one does not count any more. */
  private int turns;

  private boolean preparing;
  private boolean lacksSpace;

  Replica(TopicIdPartition partition, String topic, PartitionLog log, ReplicaContext context) {
    this.partition = partition;
    this.topic = topic;
    this.log = log;
    this.context = context;
    this.check = new LeaderCheck(this, context.brokerId());
    this.flush = context.flush(log, this::flushed, this::flushFailed);
  }

  /** Identity. */
  public TopicIdPartition partition() {
    return partition;
  }

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /**
   * The log, for reads: up to {@link #highWatermark()} for consumers. Only this package appends and
   * cuts.
   */
  public PartitionLog log() {
    return log;
  }

  /** What the broker is to the partition now. */
  public Role role() {
    return role;
  }

  /** The leader's broker id, or -1. */
  public int leader() {
    return assignment == null ? -1 : assignment.leader();
  }

  /** The newest leader epoch this broker knows, or -1 before the first image. */
  public int leaderEpoch() {
    return assignment == null ? -1 : assignment.leaderEpoch();
  }

  /** The committed assignment as this broker knows it, or null before the first image. */
  public PartitionAssignment assignment() {
    return assignment;
  }

  /** First offset that is not known to be committed; consumers read below it (REP-6). */
  public long highWatermark() {
    return log.highWatermark();
  }

  /** How far the log reaches, and what it is known to have had of the committed one. */
  LogEnd end() {
    long committed = log.highWatermark();
    if (isAsOpened) {
      committed = Math.max(committed, log.recovery().checkpointedHighWatermark());
    }
    long end = log.logEndOffset();
    // An epoch that began without a record tells nothing of what the log holds; of one whose
    // records are deleted, the newest is the best that is known.
    boolean known = end > log.logStartOffset() || end == 0;
    int lastEpoch = known ? log.epochs().epochAt(end - 1) : log.lastEpoch();
    return new LogEnd(lastEpoch, end, committed);
  }

  /** Where the log stands. */
  public LogStatus status() {
    long highWatermark = log.highWatermark();
    return new LogStatus(leaderEpoch(), log.logStartOffset(), highWatermark, highWatermark);
  }

  /**
   * The rules' view of the epoch led here, for metrics and descriptions; null unless {@link
   * Role#LEADER}.
   */
  public LeaderState leaderState() {
    return leadership == null ? null : leadership.state();
  }

  /** The rules' view of the epoch followed here; null unless {@link Role#FOLLOWER}. */
  public FollowerState followerState() {
    return follower == null ? null : follower.state();
  }

  /**
   * Lets a request pass that is for this leader epoch (FEN-1).
   *
   * @param expectedLeaderEpoch what the caller knows, or -1 when it knows none
   * @throws HighwaterException FENCED_LEADER_EPOCH when it is older, UNKNOWN_LEADER_EPOCH when
   *     newer
   */
  public void checkEpoch(int expectedLeaderEpoch) {
    check.requireEpoch(expectedLeaderEpoch);
  }

  /**
   * Lets a request pass that only the leader may answer.
   *
   * @param expectedLeaderEpoch what the caller knows, or -1 when it knows none
   * @throws HighwaterException as {@link #checkEpoch}, KAFKA_STORAGE_ERROR, or
   *     NOT_LEADER_OR_FOLLOWER
   */
  public void checkLeader(int expectedLeaderEpoch) {
    check.requireLeader(expectedLeaderEpoch);
  }

  /** As {@link #checkLeader}, but a follower passes, too, while it is in sync (KIP-392). */
  public void checkInSync(int expectedLeaderEpoch) {
    check.requireInSync(expectedLeaderEpoch);
  }

  /**
   * The end of what is committed, confirmed by all in-sync replicas after this call: a leader that
   * was replaced without knowing it gives no answer (FEN-2).
   *
   * @return completes on the owner loop; fails as {@link #committedEnd}, and with
   *     OFFSET_NOT_AVAILABLE when they do not confirm in time
   */
  public CompletableFuture<Long> confirmedEnd() {
    try {
      checkLeader(-1);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
    return leadership.confirmedEnd(context.nowMs());
  }

  /**
   * The end of what is committed, as far as this leader knows (REP-4).
   *
   * @throws HighwaterException NOT_LEADER_OR_FOLLOWER, or OFFSET_NOT_AVAILABLE while a new leader
   *     does not know it
   */
  public long committedEnd() {
    checkLeader(-1);
    if (!leadership.state().knowsCommittedEnd()) {
      throw new HighwaterException(
          ErrorCode.OFFSET_NOT_AVAILABLE,
          "leader epoch " + leaderEpoch() + " has not heard of its in-sync replicas yet");
    }
    return log.highWatermark();
  }

  /**
   * Where a leader epoch ends in this leader's log.
   *
   * @param expectedLeaderEpoch what the caller knows, or -1
   * @throws HighwaterException as {@link #checkLeader}
   */
  public EpochEnd endOf(int epoch, int expectedLeaderEpoch) {
    checkLeader(expectedLeaderEpoch);
    return log.endOf(epoch);
  }

  /**
   * Appends one record batch. Never throws for an operating error: the listener hears of it.
   *
   * @param batch one whole batch of format v2 between position and limit, backed by an array;
   *     stamped in place, borrowed until return
   * @param expectedLeaderEpoch what the client knows, or -1
   * @param acks NONE and LEADER are answered when the batch is in the log, before this returns; ALL
   *     when the high watermark has passed it (ACK-1), in the order of the appends
   * @param listener hears the end once; a repeat of an earlier batch ends when that one does
   *     (IDM-2)
   * @return calls the listener off, for a request that timed out; the batch stays in the log
   */
  public Cancellable append(
      ByteBuffer batch, int expectedLeaderEpoch, Acks acks, AppendListener listener) {
    return append(batch, false, expectedLeaderEpoch, acks, listener);
  }

  /**
   * As {@link #append(ByteBuffer, int, Acks, AppendListener)}.
   *
   * @param validated whether the batch passed both validators already, by this log's settings
   */
  public Cancellable append(
      ByteBuffer batch,
      boolean validated,
      int expectedLeaderEpoch,
      Acks acks,
      AppendListener listener) {
    ErrorCode error = check.leaderError(expectedLeaderEpoch);
    if (error != ErrorCode.NONE) {
      listener.onFailed(error, false, check.text(error, expectedLeaderEpoch));
      return Cancellable.DONE;
    }
    return leadership.append(batch, validated, acks, listener, context.nowMs());
  }

  /** Hears of every advance of the high watermark until removed. */
  public void addListener(HighWatermarkListener listener) {
    listeners.add(listener);
  }

  /** No longer hears of it. */
  public void removeListener(HighWatermarkListener listener) {
    listeners.remove(listener);
  }

  Leadership leadership() {
    return leadership;
  }

  /**
   * Takes an assignment; older ones than the present are ignored (CTL-2). A new role is taken when
   * the disk is ready for it, the old one is over at once. When the new epoch cannot be recorded
   * for lack of space, the assignment may be offered again; any other error takes the replica
   * offline.
   */
  void assign(PartitionAssignment newer) {
    if (role == Role.OFFLINE || knows(newer.partitionEpoch())) {
      return;
    }
    boolean newEpoch =
        lacksSpace || assignment == null || newer.leaderEpoch() > assignment.leaderEpoch();
    assignment = newer;
    if (newEpoch) {
      takeRole(roleIn(newer));
    } else if (leadership != null) {
      leadership.committed(newer, context.nowMs());
    }
  }

  /** Whether an assignment is old news; the present one is not while there is no space for it. */
  boolean knows(int partitionEpoch) {
    return assignment != null
        && partitionEpoch <= assignment.partitionEpoch() - (lacksSpace ? 1 : 0);
  }

  /** Whether the disk is being made ready for a role. */
  boolean isPreparing() {
    return preparing;
  }

  /**
   * Gives up the role: the broker stops, is registered anew, or the partition is not its any more.
   */
  void release() {
    takeRole(Role.IDLE);
    flush.close();
    assignment = null;
  }

  /**
   * Moves the log start, of which followers hear.
   *
   * @param offset as {@link RecordDeletion#logStart}
   * @throws HighwaterException KAFKA_STORAGE_ERROR; the replica is offline then
   */
  public void startLogAt(long offset) {
    try {
      log.advanceLogStart(offset);
      leadership.logStartMoved();
    } catch (HighwaterException e) {
      fail(e);
      throw e;
    }
  }

  /** Lets old segments go: by the rules where the partition is led, else after its leader. */
  void retain() {
    // A round may come to a replica that was released meanwhile: its files may be another's now.
    if (role == Role.OFFLINE || assignment == null || !context.disk().isIdle(log.partition())) {
      return;
    }
    try {
      log.retention().rollIfOld();
      if (role == Role.LEADER && log.retention().enforce()) {
        leadership.logStartMoved();
      } else {
        log.retention().drop();
      }
    } catch (HighwaterException e) {
      fail(e);
    }
  }

  void tick(long nowMs) {
    // STO-10, REC-3: who has damage below what is committed neither leads nor counts as in sync.
    log.directoryFailure()
        .or(log::damage)
        .ifPresent(what -> fail(new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, what)));
    if (leadership != null) {
      leadership.tick(nowMs);
    }
  }

  private Role roleIn(PartitionAssignment newer) {
    if (newer.leader() < 0) {
      return Role.IDLE;
    }
    return newer.leader() == context.brokerId() ? Role.LEADER : Role.FOLLOWER;
  }

  private void takeRole(Role next) {
    Leadership ended = leadership;
    leadership = null;
    if (follower != null) {
      context.followerStreams().remove(follower);
      follower = null;
    }
    turns++;
    preparing = false;
    lacksSpace = false;
    role = next == Role.OFFLINE ? next : Role.IDLE;
    isAsOpened &= next != Role.LEADER && next != Role.FOLLOWER;
    if (next == Role.LEADER || next == Role.FOLLOWER) {
      prepare(next);
    }
    // Last: whoever hears of the end may call back.
    if (ended != null) {
      ended.end();
    }
    for (HighWatermarkListener listener : List.copyOf(listeners)) {
      listener.onRoleEnded(partition);
    }
  }

  /**
   * A leader's epoch begins on the disk before anything is appended in it; a follower's log must be
   * nobody else's any more.
   */
  private void prepare(Role next) {
    boolean leads = next == Role.LEADER;
    if (!leads && context.disk().isIdle(log.partition())) {
      begin(next);
      return;
    }
    preparing = true;
    int turn = turns;
    int epoch = assignment.leaderEpoch();
    boolean isNew = log.epochs().entries().isEmpty();
    context
        .disk()
        .run(
            List.of(log.partition()),
            isNew ? DiskSteps.Rank.BEHIND : DiskSteps.Rank.SERVED,
            () -> {
              if (leads) {
                log.onBecomeLeader(epoch);
              }
              return epoch;
            },
            (unused, failure) -> {
              if (turn == turns) {
                prepared(next, failure);
              }
            });
  }

  private void prepared(Role next, HighwaterException failure) {
    preparing = false;
    if (failure == null) {
      begin(next);
    } else if (failure.code() == ErrorCode.STORAGE_FULL) {
      lacksSpace = true;
    } else {
      fail(failure);
    }
    context.prepared(this, failure);
  }

  private void begin(Role next) {
    role = next;
    if (next == Role.LEADER) {
      leadership = context.lead(partition, log, assignment, leaderEvents);
      leadership.begin();
    } else {
      follower = context.follow(partition, log, assignment, followerEvents);
    }
    flush.appended(); // What came in an earlier role counts only once it is flushed.
  }

  private void fail(HighwaterException failure) {
    if (role != Role.OFFLINE) {
      takeRole(Role.OFFLINE);
      context.storageFailed(this, failure);
    }
  }

  private void flushed() {
    if (leadership != null) {
      leadership.flushed();
    } else if (follower != null) {
      context.followerStreams().flushed(follower);
    }
  }

  /** A log that was closed, because the partition left this broker, fails nobody any more. */
  private void flushFailed(HighwaterException failure) {
    if (role != Role.IDLE) {
      fail(failure);
    }
  }

  private void highWatermarkAdvanced() {
    // By index and backwards: a listener may remove itself.
    for (int i = listeners.size() - 1; i >= 0; i--) {
      listeners.get(i).onHighWatermark(partition, log.highWatermark());
    }
  }

  private final LeadershipEvents leaderEvents =
      new LeadershipEvents() {
        @Override
        public void appended(Leadership of) {
          flush.appended();
        }

        @Override
        public void highWatermarkAdvanced(Leadership of) {
          Replica.this.highWatermarkAdvanced();
        }

        @Override
        public void isrProposed(Leadership of, IsrProposal proposal) {
          context.propose(of, proposal);
        }

        @Override
        public void storageFailed(Leadership of, HighwaterException failure) {
          fail(failure);
        }
      };

  private final FollowerEvents followerEvents =
      new FollowerEvents() {
        @Override
        public boolean appended(FollowerAppender of) {
          flush.appended();
          return log.config().flush().isGroup();
        }

        @Override
        public void highWatermarkAdvanced(FollowerAppender of) {
          Replica.this.highWatermarkAdvanced();
        }

        @Override
        public boolean mayDrop(FollowerAppender of, long fromOffset, long endOffset) {
          return context.isLossTold(Replica.this, fromOffset, endOffset);
        }

        @Override
        public void storageFailed(FollowerAppender of, HighwaterException failure) {
          if (of == follower) {
            fail(failure);
          }
        }
      };
}
