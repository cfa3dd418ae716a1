package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.Replicas;
import io.highwater.replication.ReplicasUnderTest;
import io.highwater.replication.control.PartitionImage;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * CTL-5: a broker takes the log of a partition away only by the word of an image that it has
 * applied, and that image's committed self: it names the broker as one that left, or somebody leads
 * without counting on what is there. That image may be older than its newest by as much as came
 * while the partition's work on the disk was under way.
 */
final class DeletionChecker {
  private record ReplicaId(int brokerId, TopicIdPartition partition) {}

  private final SimCluster cluster;

  /**
   * Where there was a log: the last image that the broker had while nothing was under way, or the
   * one with which the log was first seen when something always was.
   */
  private final Map<ReplicaId, Long> held = new HashMap<>();

  DeletionChecker(SimCluster cluster) {
    this.cluster = cluster;
  }

  /** Looks whether a log went; says whether it did, rightly. */
  boolean went(SimBroker broker, TopicIdPartition partition) {
    ReplicaId id = new ReplicaId(broker.id(), partition);
    Replicas replicas = broker.replicas();
    if (broker.disk().holds(partition)) {
      long seen = replicas == null ? Long.MAX_VALUE : replicas.image().index();
      if (replicas != null && isIdle(replicas, partition)) {
        held.put(id, seen);
      } else {
        held.merge(id, seen, Math::min);
      }
      return false;
    }
    Long knownIndex = held.remove(id);
    if (knownIndex == null) {
      return false;
    }
    if (replicas == null || !mayGo(broker.id(), partition, knownIndex, replicas.image().index())) {
      throw new AssertionError(
          "CTL-5: broker " + broker.id() + " took away what it held of " + partition);
    }
    return true;
  }

  private static boolean isIdle(Replicas replicas, TopicIdPartition partition) {
    return ReplicasUnderTest.isIdle(
        replicas, new TopicPartition(SimCluster.TOPIC, partition.partition()));
  }

  private boolean mayGo(int brokerId, TopicIdPartition partition, long from, long to) {
    return LongStream.rangeClosed(Math.min(from, to), to)
        .mapToObj(cluster.quorum()::imageAt)
        .filter(Objects::nonNull)
        .map(seen -> seen.partition(partition))
        .anyMatch(
            image ->
                image != null
                    && (image.moves().left().contains(brokerId) || isLedWithout(image, brokerId)));
  }

  private static boolean isLedWithout(PartitionImage image, int brokerId) {
    return image.hasLeader()
        && image.leader() != brokerId
        && image.replicas().contains(brokerId)
        && !image.isr().contains(brokerId)
        && !image.elr().contains(brokerId);
  }
}
