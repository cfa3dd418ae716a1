package io.highwater.replication;

import io.highwater.log.AbsentLogException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.control.session.LogEnds.LogEnd;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas on this broker whose log is damaged (REC-3, STO-10). Such a one is offline and its data
 * is left as it is, until the cluster knows that and another broker leads the partition without
 * counting on this one, and has led it for a while: a leader that died with all others, or whose
 * log is damaged as well, is none by then. The log is set aside and a new one fetched whole from
 * the leader. The old one is deleted when the replica is in sync again, or has moved to another
 * broker; one that reads well and only differs from others (REP-9) is kept for good then. On the
 * owner loop.
 */
final class DamagedReplicas {
  private static final Logger LOG = LoggerFactory.getLogger(DamagedReplicas.class);

  private final int brokerId;
  private final PartitionLogs logs;
  private final Executor io;
  private final Consumer<TopicIdPartition> refetch;
  private final LongSupplier nowMs;
  private final long leaderProvenMs;
  private final Map<TopicIdPartition, Offline> offline = new HashMap<>();

  /** Whose damaged log lies beside the one that is fetched instead; the directories remember it. */
  private final Set<TopicIdPartition> aside = new HashSet<>();

  /**
   * What is known of a damaged log.
   *
   * @param problem for people
   * @param reads whether its bytes are sound, and only others than elsewhere
   * @param absent whether its log directory was not there when the broker started
   * @param committed what it held at least of the committed log; empty when not known
   */
  private record Damage(
      String problem, boolean reads, boolean absent, Optional<LogEnd> committed) {}

  /** Since when the same leader epoch has been seen. */
  private record Reign(int leaderEpoch, long sinceMs) {}

  /** One replica that cannot be served, and how far it came on its way to be fetched again. */
  private static final class Offline {
    private Damage damage;

    /** Null while nobody leads who may be trusted. */
    private Reign reign;

    private boolean isBeingSetAside;
    private boolean lacksSpace;

    /** Its log cannot be set aside: people have to see to it. */
    private boolean isStuck;
  }

  /**
   * @param io deletes what was set aside
   * @param nowMs monotonic time
   * @param leaderProvenMs how long a leader has led when it is trusted to be one: longer than it
   *     takes until a dead one is replaced
   * @param refetch is told of a partition whose log was set aside: it is to be opened and followed
   */
  DamagedReplicas(
      int brokerId,
      PartitionLogs logs,
      Executor io,
      LongSupplier nowMs,
      long leaderProvenMs,
      Consumer<TopicIdPartition> refetch) {
    this.nowMs = nowMs;
    this.leaderProvenMs = leaderProvenMs;
    this.brokerId = brokerId;
    this.logs = logs;
    this.io = io;
    this.refetch = refetch;
    try {
      aside.addAll(logs.damagedAside());
    } catch (HighwaterException e) {
      LOG.warn("what lies aside is not known: {}", e.getMessage());
    }
  }

  /**
   * The replica cannot be served.
   *
   * @param replica null when its log was not opened
   * @param topic null when the image does not have it
   */
  void add(TopicIdPartition id, HighwaterException problem, Replica replica, TopicImage topic) {
    boolean reads = problem instanceof DifferentContentException;
    offline.computeIfAbsent(id, unused -> new Offline()).damage =
        new Damage(
            problem.getMessage(),
            reads,
            problem instanceof AbsentLogException,
            committed(id, replica, topic));
  }

  /** What is known to be committed even of a log that does not open. */
  private Optional<LogEnd> committed(TopicIdPartition id, Replica replica, TopicImage topic) {
    if (replica != null) {
      long end = replica.highWatermark();
      return Optional.of(new LogEnd(replica.log().epochs().epochAt(end - 1), end, end));
    }
    return topic == null
        ? Optional.of(new LogEnd(-1, 0, 0))
        : logs.checkpointedHighWatermark(new TopicPartition(topic.name(), id.partition()))
            .map(end -> new LogEnd(end.epoch(), end.endOffset(), end.endOffset()));
  }

  /** The replica moved away with its damage. */
  void forget(TopicIdPartition id) {
    offline.remove(id);
  }

  /** Whether the replica cannot be served. */
  boolean contains(TopicIdPartition id) {
    return offline.containsKey(id);
  }

  /** Whether its log directory was not there when the broker started. */
  boolean isAbsent(TopicIdPartition id) {
    Offline found = offline.get(id);
    return found != null && found.damage.absent();
  }

  /** What is wrong with it, for people; null when it can be served. */
  String problem(TopicIdPartition id) {
    Offline found = offline.get(id);
    return found == null ? null : found.damage.problem();
  }

  /**
   * Whether the replica is fetched anew and was not in sync since. The old log goes only once an
   * image shows the new one in sync, but a broker may be killed in between, and then {@link
   * PartitionImage#killed} tells that it was: only who is in {@code isr} or {@code elr} when its
   * next process registers gets there, who says that it failed leaves it, and no log is set aside
   * before the cluster has heard that. So whoever is there was in sync after the old log was set
   * aside, and a kill took nothing of the new one (REC-8). The same holds of one whose directory is
   * absent: nothing of it is set aside while it is.
   *
   * @param partition null when the image does not have it
   */
  boolean isRefetched(TopicIdPartition id, PartitionImage partition) {
    return aside.contains(id) && (partition == null || !partition.killed().contains(brokerId));
  }

  /**
   * Of one that cannot be served. Its log ends nowhere, but what that held of the committed log
   * must not be lost; this counts only once the cluster knows the replica to be offline.
   */
  Optional<LogEnd> end(TopicIdPartition id, ClusterImage image) {
    return isKnown(id, image) ? offline.get(id).damage.committed() : Optional.empty();
  }

  private boolean isKnown(TopicIdPartition id, ClusterImage image) {
    return image.broker(brokerId).offline().contains(id);
  }

  /** All that cannot be served; a view. */
  Collection<TopicIdPartition> all() {
    return Collections.unmodifiableCollection(offline.keySet());
  }

  /** Begins what can be begun, ends what is complete; to be called for each image. */
  void settle(ClusterImage image) {
    for (Map.Entry<TopicIdPartition, Offline> each : List.copyOf(offline.entrySet())) {
      TopicIdPartition id = each.getKey();
      TopicImage topic = image.topic(id.topicId());
      if (topic == null) {
        forget(id); // Its data goes, or stays, with its topic.
        continue;
      }
      TopicPartition name = new TopicPartition(topic.name(), id.partition());
      PartitionImage partition = topic.partition(id.partition());
      if (!mayRefetch(partition) || logs.isOffline(name)) {
        each.getValue().reign = null;
      } else if (isProven(each.getValue(), partition.leaderEpoch()) && isKnown(id, image)) {
        setAside(name, id, each.getValue());
      }
    }
    for (TopicIdPartition id : List.copyOf(aside)) {
      if (image.deletedTopic(id.topicId()) != null || isDispensable(image.partition(id))) {
        aside.remove(id);
        LOG.info("the log of {} that was set aside goes, the cluster has what it held", id);
        io.execute(() -> logs.deleteDamaged(id));
      }
    }
  }

  private boolean isProven(Offline replica, int leaderEpoch) {
    if (replica.reign == null || replica.reign.leaderEpoch != leaderEpoch) {
      replica.reign = new Reign(leaderEpoch, nowMs.getAsLong());
    }
    return nowMs.getAsLong() - replica.reign.sinceMs >= leaderProvenMs;
  }

  /** Somebody leads with all that is committed, and nobody counts on what is here. */
  private boolean mayRefetch(PartitionImage partition) {
    return partition != null
        && partition.replicas().contains(brokerId)
        && partition.hasLeader()
        && partition.leader() != brokerId
        && !partition.isr().contains(brokerId)
        && !partition.elr().contains(brokerId);
  }

  /** Fetched again and in sync, or moved away to brokers that are. */
  private boolean isDispensable(PartitionImage partition) {
    return partition != null
        && (partition.isr().contains(brokerId)
            || (partition.hasLeader() && !partition.replicas().contains(brokerId)));
  }

  private void setAside(TopicPartition name, TopicIdPartition id, Offline replica) {
    if (replica.isStuck || replica.isBeingSetAside) {
      return;
    }
    replica.isBeingSetAside = true;
    logs.setDamagedAside(
        name,
        id,
        replica.damage.reads(),
        failure -> {
          replica.isBeingSetAside = false;
          if (failure != null) {
            keptOffline(name, replica, failure);
            return;
          }
          aside.add(id);
          if (offline.remove(id, replica)) {
            LOG.warn(
                "fetching {} again from its leader, because {}", name, replica.damage.problem());
            refetch.accept(id);
          }
        });
  }

  /** It is tried again only where room may come; everything else is for people. */
  private void keptOffline(TopicPartition name, Offline replica, HighwaterException failure) {
    if (failure.code() != ErrorCode.STORAGE_FULL) {
      replica.isStuck = true;
      LOG.error(
          "{} stays offline, its damaged log cannot be set aside: {}", name, failure.getMessage());
    } else if (!replica.lacksSpace) {
      replica.lacksSpace = true;
      LOG.warn("{} stays offline until there is more space: {}", name, failure.getMessage());
    }
  }
}
