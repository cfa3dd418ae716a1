package io.highwater.replication.control.session;

import io.highwater.proto.TopicIdPartition;
import java.util.Collection;
import java.util.List;

/** Which replicas this broker holds and cannot serve (STO-8). On the owner loop. */
@FunctionalInterface
public interface OfflineReplicas {
  /** Every replica is served. */
  OfflineReplicas NONE = List::of;

  /** Those of now, in no order. */
  Collection<TopicIdPartition> offline();

  /** Whether one is only because its log directory was not there when the broker started. */
  default boolean isAbsent(TopicIdPartition replica) {
    return false;
  }
}
