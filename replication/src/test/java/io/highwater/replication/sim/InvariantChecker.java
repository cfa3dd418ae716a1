package io.highwater.replication.sim;

import io.highwater.log.LogOffsets;
import io.highwater.log.PartitionLog;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.core.FollowerState;
import io.highwater.replication.core.InSyncSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Looks at every replica from outside after every event and compares with what must hold, by the
 * ids of the invariants. It alone knows the true high watermark: the highest that any leader ever
 * had.
 */
final class InvariantChecker {
  /** What was ever committed of one partition. */
  private static final class Truth {
    private final TreeMap<Long, StoredBatch> committed = new TreeMap<>();
    private final Map<Integer, Integer> leaderOfEpoch = new HashMap<>();
    private final TreeMap<Integer, Long> committedInEpoch = new TreeMap<>();
    private final Map<Long, Integer> lastSequence = new HashMap<>();
    private long highWatermark;
    private long checkedAtIndex = -1;
    private long checkedAtHighWatermark = -1;
  }

  /** One replica as it was after the last event. */
  private static final class Track {
    private int starts;
    private PartitionLog log;
    private int powerLosses;
    private int leaderEpoch = -1;
    private boolean leading;
    private LogOffsets offsets = LogOffsets.emptyAt(0);
    private long agreedAtHighWatermark = -1;

    /** Up to here the log holds exactly what was committed. */
    private long agreedEnd;
  }

  private record ReplicaId(int brokerId, TopicIdPartition partition) {}

  private final SimCluster cluster;
  private final Map<TopicIdPartition, Truth> truths = new HashMap<>();
  private final Map<ReplicaId, Track> tracks = new HashMap<>();
  private final DeletionChecker deletions;
  private final LossChecker losses;
  private long elections;
  private long truncations;
  private boolean lossAllowed;
  private boolean looking;

  InvariantChecker(SimCluster cluster) {
    this.cluster = cluster;
    this.deletions = new DeletionChecker(cluster);
    this.losses = new LossChecker(cluster);
  }

  LossChecker losses() {
    return losses;
  }

  long elections() {
    return elections;
  }

  long truncations() {
    return truncations;
  }

  long highWatermark(TopicIdPartition partition) {
    return truth(partition).highWatermark;
  }

  /**
   * Every broker lost power: what was not flushed anywhere may be gone (the stated exception of
   * STO-1). The first leader after it says what is left.
   */
  void allPowerLost() {
    lossAllowed = true;
  }

  /** The loss is over: from the logs as they are now, nothing more may be lost. */
  void lossIsOver() {
    lossAllowed = false;
    for (Track track : tracks.values()) {
      track.agreedEnd = 0;
      track.agreedAtHighWatermark = -1;
    }
  }

  private Truth truth(TopicIdPartition partition) {
    return truths.computeIfAbsent(partition, unused -> new Truth());
  }

  private static void require(boolean holds, String id, Object... what) {
    if (!holds) {
      throw new AssertionError(id + ": " + List.of(what));
    }
  }

  /** Checks everything that can have changed. */
  void check() {
    looking = true;
    checkDeletions();
    // First what leaders committed, then whether everyone agrees with it.
    forEachReplica(this::check);
    forEachReplica(this::agree);
    truths.forEach(this::checkMembers);
    for (History.Told told : cluster.history().takeFresh()) {
      check(told);
    }
    looking = false;
  }

  private void checkDeletions() {
    for (int id = 1; id <= cluster.size(); id++) {
      for (int number = 0; number < SimCluster.PARTITIONS; number++) {
        TopicIdPartition partition = SimCluster.partition(number);
        if (deletions.went(cluster.broker(id), partition)) {
          tracks.remove(new ReplicaId(id, partition));
        }
      }
    }
  }

  /** Whether a log is read by the checker now, and not by its broker. */
  boolean isLooking() {
    return looking;
  }

  private void forEachReplica(BiConsumer<SimBroker, Replica> check) {
    for (int id = 1; id <= cluster.size(); id++) {
      SimBroker broker = cluster.broker(id);
      if (broker.replicas() != null) {
        for (Replica replica : broker.replicas().replicas()) {
          if (!isDamaged(replica) && !isCompacted(replica) && !isForged(broker, replica)) {
            check.accept(broker, replica);
          }
        }
      }
    }
  }

  /** Cleaned batches are not what was committed; whoever plays with keys judges them. */
  private static boolean isCompacted(Replica replica) {
    return replica.log().config().compaction().enabled();
  }

  /** Whether a log was exchanged, and its broker has not said yet that it follows with it. */
  private static boolean isForged(SimBroker broker, Replica replica) {
    return broker.disk().isForged(replica.partition())
        && (broker.disk().isForgedInTheMiddle(replica.partition())
            || replica.followerState() == null
            || replica.followerState().phase() != FollowerState.Phase.REPLICATING);
  }

  /** Whether nothing can be said of what a replica holds, which it does not serve either. */
  private static boolean isDamaged(Replica replica) {
    return replica.role() == Replica.Role.OFFLINE || replica.log().damage().isPresent();
  }

  private void check(SimBroker broker, Replica replica) {
    TopicIdPartition partition = replica.partition();
    Truth truth = truth(partition);
    Track track =
        tracks.computeIfAbsent(new ReplicaId(broker.id(), partition), unused -> new Track());
    PartitionLog log = replica.log();
    LogOffsets now = log.offsets();
    boolean leads = replica.role() == Replica.Role.LEADER;
    boolean begunAnew =
        track.starts == broker.starts() ? track.log != log : broker.disk().liesAside(partition);
    if (begunAnew) {
      // Set aside for its damage; the new one is fetched whole, and until then not in sync.
      track.offsets = LogOffsets.emptyAt(now.start());
      track.agreedEnd = 0;
      track.agreedAtHighWatermark = -1;
    }
    track.log = log;
    if (track.starts == broker.starts()
        && track.offsets.equals(now)
        && track.leading == leads
        && track.leaderEpoch == replica.leaderEpoch()) {
      return;
    }
    cluster.scheduler().trace(now.end() * 31 + now.highWatermark());
    require(now.start() <= now.highWatermark() && now.highWatermark() <= now.end(), "REP-5", now);
    require(replica.leaderEpoch() >= track.leaderEpoch || track.starts != broker.starts(), "CTL-2");
    if (now.end() < track.offsets.end() || track.starts != broker.starts()) {
      checkCut(broker, replica, truth, track);
    }
    boolean sameReign =
        track.starts == broker.starts()
            && track.leading
            && leads
            && track.leaderEpoch == replica.leaderEpoch();
    if (sameReign) {
      require(now.end() >= track.offsets.end(), "LEP-2", broker.id(), track.offsets, now);
      require(
          now.highWatermark() >= track.offsets.highWatermark(),
          "REP-4",
          broker.id(),
          track.offsets,
          now);
    } else if (leads) {
      checkNewLeader(broker, replica, truth);
    }
    if (leads && now.highWatermark() > truth.highWatermark) {
      commit(replica, truth);
    }
    track.agreedAtHighWatermark = -1;
    track.starts = broker.starts();
    track.powerLosses = broker.powerLosses();
    track.leaderEpoch = replica.leaderEpoch();
    track.leading = leads;
    track.offsets = now;
  }

  /** The log became shorter, by truncation or by a crash: nothing committed may be gone. */
  private void checkCut(SimBroker broker, Replica replica, Truth truth, Track track) {
    LogOffsets now = replica.log().offsets();
    if (now.end() < track.offsets.end()) {
      truncations++;
    }
    require(
        lossAllowed || broker.powerLosses() > track.powerLosses || now.end() >= track.agreedEnd,
        "LEP-7",
        "broker",
        broker.id(),
        "cut from",
        track.offsets.end(),
        "to",
        now.end(),
        "had what was committed up to",
        track.agreedEnd,
        "true high watermark",
        truth.highWatermark);
    track.agreedEnd = 0;
  }

  private void checkNewLeader(SimBroker broker, Replica replica, Truth truth) {
    elections++;
    int epoch = replica.leaderEpoch();
    Integer other = truth.leaderOfEpoch.putIfAbsent(epoch, broker.id());
    require(other == null || other == broker.id(), "LEP-1", epoch, other, broker.id());
    long end = replica.log().logEndOffset();
    if (lossAllowed) {
      lose(replica.partition(), truth, agreedEnd(replica.log(), truth, 0));
    }
    // A late leader of an old epoch need not have what a newer one committed; it commits nothing.
    long needed = 0;
    for (long committed : truth.committedInEpoch.headMap(epoch).values()) {
      needed = Math.max(needed, committed);
    }
    require(end >= needed, "REP-1", broker.id(), "epoch", epoch, "ends at", end, "needs", needed);
    compare(replica.log(), truth, replica.log().logStartOffset(), needed, "REP-1");
  }

  private void lose(TopicIdPartition partition, Truth truth, long fromOffset) {
    losses.lost(partition, truth.committed, fromOffset, truth.highWatermark);
    truth.highWatermark = fromOffset;
    truth.committed.tailMap(fromOffset).clear();
    truth.committedInEpoch.replaceAll((epoch, end) -> Math.min(end, fromOffset));
    truth.lastSequence.clear();
    for (StoredBatch batch : truth.committed.values()) {
      truth.lastSequence.put(batch.producerId(), batch.lastSequence());
    }
    cluster.history().lost(partition, fromOffset);
  }

  /** The true high watermark rises. */
  private void commit(Replica replica, Truth truth) {
    long highWatermark = replica.highWatermark();
    InSyncSet inSync = replica.leaderState().inSync();
    int minIsr = cluster.minIsr(replica.partition());
    require(inSync.committedSize() >= minIsr, "REP-3", "committed", inSync.committed(), minIsr);
    int epoch = -1;
    for (StoredBatch batch : StoredBatch.in(replica.log(), truth.highWatermark, highWatermark)) {
      require(batch.leaderEpoch() >= epoch, "LEP-4", batch, epoch);
      require(batch.leaderEpoch() <= replica.leaderEpoch(), "LEP-4", batch);
      epoch = batch.leaderEpoch();
      if (batch.producerId() >= 0) {
        Integer last = truth.lastSequence.put(batch.producerId(), batch.lastSequence());
        int expected = last == null ? 0 : last + 1;
        require(batch.sequence() == expected, "IDM-2", batch, "expected", expected);
      }
      truth.committed.put(batch.baseOffset(), batch);
    }
    truth.highWatermark = highWatermark;
    truth.committedInEpoch.put(replica.leaderEpoch(), highWatermark);
  }

  /** REP-2: below its high watermark a replica holds what was committed, above perhaps. */
  private void agree(SimBroker broker, Replica replica) {
    Truth truth = truth(replica.partition());
    Track track = tracks.get(new ReplicaId(broker.id(), replica.partition()));
    if (track.agreedAtHighWatermark == truth.highWatermark) {
      return;
    }
    track.agreedAtHighWatermark = truth.highWatermark;
    long highWatermark = replica.highWatermark();
    require(
        lossAllowed || highWatermark <= truth.highWatermark,
        "REP-2",
        "high watermark beyond the true one",
        highWatermark,
        truth.highWatermark);
    PartitionLog log = replica.log();
    track.agreedEnd = agreedEnd(log, truth, track.agreedEnd);
    require(
        lossAllowed || track.agreedEnd >= Math.min(highWatermark, truth.highWatermark),
        "REP-2",
        "broker differs at",
        track.agreedEnd,
        "below its high watermark",
        highWatermark);
  }

  /** Up to where a log holds exactly what was committed. */
  private static long agreedEnd(PartitionLog log, Truth truth, long knownEnd) {
    long agreed = Math.max(knownEnd, log.logStartOffset());
    long end = Math.min(log.logEndOffset(), truth.highWatermark);
    for (StoredBatch batch : StoredBatch.whole(log, agreed, end)) {
      if (!batch.equals(truth.committed.get(batch.baseOffset()))) {
        break;
      }
      agreed = batch.lastOffset() + 1;
    }
    return agreed;
  }

  private static void compare(
      PartitionLog log, Truth truth, long fromOffset, long endOffset, String id) {
    if (endOffset <= fromOffset) {
      return;
    }
    for (StoredBatch batch : StoredBatch.in(log, fromOffset, endOffset)) {
      StoredBatch committed = truth.committed.get(batch.baseOffset());
      require(batch.equals(committed), id, "found", batch, "committed", String.valueOf(committed));
    }
  }

  /** ISR-5, REP-3: whoever may be elected has everything below the true high watermark. */
  private void checkMembers(TopicIdPartition partition, Truth truth) {
    long index = cluster.quorum().image().index();
    if (index == truth.checkedAtIndex && truth.highWatermark == truth.checkedAtHighWatermark) {
      return;
    }
    truth.checkedAtIndex = index;
    truth.checkedAtHighWatermark = truth.highWatermark;
    PartitionImage image = cluster.quorum().image().partition(partition);
    if (image == null || lossAllowed) {
      return;
    }
    for (int member : image.isr()) {
      BrokerRegistration broker = cluster.quorum().image().broker(member);
      require(!broker.offline().contains(partition), "ISR-2", "in sync and offline", member);
    }
    image.isr().forEach(member -> checkMember(partition, truth, member, "REP-3"));
    image.elr().forEach(member -> checkMember(partition, truth, member, "ISR-5"));
  }

  private void checkMember(TopicIdPartition partition, Truth truth, int member, String id) {
    Track track = tracks.get(new ReplicaId(member, partition));
    SimBroker broker = cluster.broker(member);
    if (track == null || broker.mayHaveLostData() || broker.disk().isForgedInTheMiddle(partition)) {
      return;
    }
    // Of a broker that died it is not known what it has beyond what was committed then.
    boolean seen =
        broker.isAlive()
            && track.starts == broker.starts()
            && broker.replicas().replica(partition) != null
            && !isDamaged(broker.replicas().replica(partition));
    long held = seen ? track.agreedEnd : track.offsets.end();
    require(
        held >= truth.highWatermark,
        id,
        "in-sync broker",
        member,
        "holds what was committed up to",
        held,
        "true high watermark",
        truth.highWatermark);
  }

  /** ACK-1, REP-6, STO-1: what a client is told is committed, and stays so. */
  private void check(History.Told told) {
    Truth truth = truth(told.partition());
    StoredBatch batch = told.batch();
    String id = told.acknowledged() ? "ACK-1" : "REP-6";
    require(
        batch.lastOffset() < truth.highWatermark,
        id,
        "told of",
        batch,
        "true high watermark",
        truth.highWatermark);
    StoredBatch committed = truth.committed.get(batch.baseOffset());
    require(
        committed != null && committed.crc() == batch.crc(),
        "STO-1",
        "told of",
        batch,
        "committed",
        String.valueOf(committed));
  }

  /** At the end, with everything healed: every acknowledged batch is where it was said to be. */
  void checkEnd() {
    looking = true;
    for (History.Told told : cluster.history().allAcknowledged()) {
      check(told);
    }
    truths.forEach(
        (partition, truth) -> {
          if (cluster.quorum().image().partition(partition) == null) {
            return;
          }
          List<Integer> replicas = cluster.quorum().image().partition(partition).replicas();
          for (int id = 1; id <= cluster.size(); id++) {
            SimBroker broker = cluster.broker(id);
            if (!replicas.contains(id)) {
              require(!broker.disk().holds(partition), "CTL-5", id, "is no replica any more");
              continue;
            }
            PartitionLog log = broker.replicas().replica(partition).log();
            require(log.logEndOffset() == truth.highWatermark, "REP-8", id, log.offsets());
            compare(log, truth, log.logStartOffset(), truth.highWatermark, "REP-2");
          }
        });
    losses.checkEnd();
    looking = false;
  }
}
