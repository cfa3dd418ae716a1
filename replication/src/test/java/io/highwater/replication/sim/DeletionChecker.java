package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.PartitionImage;
import java.util.HashSet;
import java.util.Set;

/**
 * CTL-5: a broker takes the log of a partition away only by the word of the image that it has
 * applied, and that image's committed self: it names the broker as one that left, or somebody leads
 * without counting on what is there.
 */
final class DeletionChecker {
  private record Held(int brokerId, TopicIdPartition partition) {}

  private final SimCluster cluster;
  private final Set<Held> held = new HashSet<>();

  DeletionChecker(SimCluster cluster) {
    this.cluster = cluster;
  }

  /** Looks whether a log went; says whether it did, rightly. */
  boolean went(SimBroker broker, TopicIdPartition partition) {
    Held one = new Held(broker.id(), partition);
    if (broker.disk().holds(partition)) {
      held.add(one);
      return false;
    }
    if (!held.remove(one)) {
      return false;
    }
    Replicas replicas = broker.replicas();
    PartitionImage image =
        replicas == null
            ? null
            : cluster.quorum().imageAt(replicas.image().index()).partition(partition);
    boolean allowed =
        image != null
            && (image.moves().left().contains(broker.id())
                || isLedWithout(image, broker.id())
                || isAddedAgain(image, broker.id()));
    if (!allowed) {
      throw new AssertionError(
          "CTL-5: broker " + broker.id() + " took away what it held of " + image);
    }
    return true;
  }

  /** What it held when it left goes off the loop, and may still be going when it is added again. */
  private static boolean isAddedAgain(PartitionImage image, int brokerId) {
    return image.moves().adding().contains(brokerId)
        && !image.isr().contains(brokerId)
        && !image.elr().contains(brokerId);
  }

  private static boolean isLedWithout(PartitionImage image, int brokerId) {
    return image.hasLeader()
        && image.leader() != brokerId
        && image.replicas().contains(brokerId)
        && !image.isr().contains(brokerId)
        && !image.elr().contains(brokerId);
  }
}
