package io.highwater.replication;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.core.FollowerState;
import java.util.List;

/**
 * Whether others serve by now what a broker led when it began to stop. Until then it stays, so that
 * clients it sends away find the new leaders at work. On the owner loop.
 */
public final class TakeOver {
  private final int brokerId;
  private final Replicas replicas;
  private final List<TopicIdPartition> led;

  /**
   * Notes what the broker leads now.
   *
   * @param brokerId this broker
   */
  public TakeOver(int brokerId, Replicas replicas) {
    this.brokerId = brokerId;
    this.replicas = replicas;
    this.led =
        replicas.replicas().stream()
            .filter(replica -> replica.role() == Replica.Role.LEADER)
            .map(Replica::partition)
            .toList();
  }

  /**
   * Whether every partition has a new leader that pushes to this broker in its own epoch, or nobody
   * else who could lead it.
   */
  public boolean isDone() {
    ClusterImage image = replicas.image();
    BrokerRegistration self = image.broker(brokerId);
    boolean stopping =
        self == null || self.stopping() || self.fenced() || !image.othersMayLead(brokerId);
    return stopping && led.stream().allMatch(id -> isServedByOthers(id, image.partition(id)));
  }

  private boolean isServedByOthers(TopicIdPartition id, PartitionImage partition) {
    Replica replica = replicas.replica(id);
    FollowerState follower = replica == null ? null : replica.followerState();
    if (follower != null) {
      return follower.phase() == FollowerState.Phase.REPLICATING;
    }
    // Roles are taken some time after the image came: it tells whether this one is still to follow.
    return partition == null
        || !partition.hasLeader()
        || partition.leader() == brokerId
        || !partition.replicas().contains(brokerId);
  }
}
