package io.highwater.replication.control.session;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster which replicas this broker cannot serve, so that others lead and nobody waits
 * for them (STO-8). It goes by what the image shows: what got lost, or was overtaken by a leader
 * that still took the replica for in sync, is said again. On the owner loop.
 */
final class OfflineReporter {
  private static final Logger LOG = LoggerFactory.getLogger(OfflineReporter.class);

  private final int brokerId;
  private final MetadataLog log;
  private final OwnerLoop loop;
  private final OfflineReplicas replicas;

  private boolean reporting;

  OfflineReporter(int brokerId, MetadataLog log, OwnerLoop loop, OfflineReplicas replicas) {
    this.brokerId = brokerId;
    this.log = log;
    this.loop = loop;
    this.replicas = replicas;
  }

  /** Reports what the image does not show yet; called again from time to time. */
  void onImage(ClusterImage image, long brokerEpoch) {
    if (reporting) {
      return;
    }
    List<TopicIdPartition> unknown =
        replicas.offline().stream().filter(replica -> isUnknown(replica, image)).toList();
    if (!unknown.isEmpty()) {
      report(new ReplicasOffline(brokerId, brokerEpoch, unknown));
    }
  }

  private boolean isUnknown(TopicIdPartition replica, ClusterImage image) {
    PartitionImage partition = image.partition(replica);
    return partition != null
        && partition.replicas().contains(brokerId)
        && !image.broker(brokerId).offline().contains(replica);
  }

  private void report(ReplicasOffline command) {
    reporting = true;
    log.submit(
        command,
        (result, failure) ->
            loop.execute(
                () -> {
                  reporting = false;
                  if (failure != null) {
                    LOG.info("offline replicas are not reported yet: {}", failure.toString());
                  }
                }));
  }
}
