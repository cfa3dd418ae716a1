package io.highwater.server.partition;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replica;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import java.util.List;
import java.util.function.ObjIntConsumer;

/**
 * Finds the replicas that this broker leads, for requests that only a leader may serve, and those
 * in sync, for fetches. On the owner loop.
 */
public final class LedPartitions {
  private final TopicCatalog catalog;
  private final Replicas replicas;

  /** Looks into these. */
  public LedPartitions(TopicCatalog catalog, Replicas replicas) {
    this.catalog = catalog;
    this.replicas = replicas;
  }

  /** Topics and leaders. */
  public TopicCatalog catalog() {
    return catalog;
  }

  /** What unclean elections of a partition cost (LEP-7). */
  public List<RecordLoss> losses(TopicIdPartition id) {
    PartitionImage partition = catalog.image().partition(id);
    return partition == null ? List.of() : partition.losses();
  }

  /** The replica of a partition whatever its role, or null when none is here. */
  public Replica present(TopicIdPartition id) {
    return replicas.replica(id);
  }

  /**
   * The replica of a partition that is led here (FEN-1).
   *
   * @param currentLeaderEpoch the epoch that the client believes in, or -1
   * @throws PartitionException NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH with the leader,
   *     LEADER_NOT_AVAILABLE, UNKNOWN_LEADER_EPOCH when the client knows more than this broker,
   *     KAFKA_STORAGE_ERROR
   */
  public Replica find(TopicIdPartition id, int currentLeaderEpoch) {
    return find(id, currentLeaderEpoch, Replica::checkLeader);
  }

  /** As {@link #find}, or one that follows here and is in sync (KIP-392). */
  public Replica findInSync(TopicIdPartition id, int currentLeaderEpoch) {
    return find(id, currentLeaderEpoch, Replica::checkInSync);
  }

  private Replica find(TopicIdPartition id, int currentLeaderEpoch, ObjIntConsumer<Replica> check) {
    Replica replica = replicas.replica(id);
    if (replica == null) {
      String damage = replicas.damage(id);
      throw damage == null
          ? catalog.notLeader(id)
          : new PartitionException(ErrorCode.KAFKA_STORAGE_ERROR, damage, catalog.leader(id));
    }
    try {
      check.accept(replica, currentLeaderEpoch);
    } catch (HighwaterException e) {
      throw e.code() == ErrorCode.NOT_LEADER_OR_FOLLOWER
          ? catalog.notLeader(id)
          : new PartitionException(e.code(), e.getMessage(), catalog.leader(id));
    }
    return replica;
  }
}
