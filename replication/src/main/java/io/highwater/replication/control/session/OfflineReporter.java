package io.highwater.replication.control.session;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells the cluster which replicas this broker cannot serve, so that others lead and nobody waits
 * for them (STO-8). It goes by what the image shows: what got lost, or was overtaken by a leader
 * that still took the replica for in sync, is said again. On the owner loop.
 */
final class OfflineReporter {
  private final int brokerId;
  private final OfflineReplicas replicas;
  private final PendingReport report;

  /** Said since they were served last: the image may show an earlier fault of the same replica. */
  private final Set<TopicIdPartition> said = new HashSet<>();

  OfflineReporter(int brokerId, MetadataLog log, OwnerLoop loop, OfflineReplicas replicas) {
    this.brokerId = brokerId;
    this.replicas = replicas;
    this.report = new PendingReport(log, loop, "offline replicas");
  }

  /** Reports what the image does not show yet; called again from time to time. */
  void onImage(ClusterImage image, long brokerEpoch) {
    Collection<TopicIdPartition> offline = replicas.offline();
    said.retainAll(offline);
    if (report.isUnderWay()) {
      return;
    }
    Map<Boolean, List<TopicIdPartition>> unknown =
        offline.stream()
            .filter(replica -> isUnknown(replica, image))
            .collect(Collectors.partitioningBy(replica -> isToldAbsent(replica, image)));
    // The others with the image that the first ones bring.
    boolean absent = unknown.get(false).isEmpty();
    List<TopicIdPartition> first = unknown.get(absent);
    if (!first.isEmpty()) {
      said.addAll(first);
      report.submit(new ReplicasOffline(brokerId, brokerEpoch, first, absent));
    }
  }

  private boolean isToldAbsent(TopicIdPartition replica, ClusterImage image) {
    return replicas.isAbsent(replica)
        && image.level(Feature.METADATA_VERSION) >= ReplicasOffline.ABSENT_LEVEL;
  }

  private boolean isUnknown(TopicIdPartition replica, ClusterImage image) {
    PartitionImage partition = image.partition(replica);
    return partition != null
        && partition.replicas().contains(brokerId)
        && !(said.contains(replica) && image.broker(brokerId).offline().contains(replica));
  }
}
