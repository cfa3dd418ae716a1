package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import java.util.List;

/** Who plays beside the simulation's own clients. */
@FunctionalInterface
public interface Cast {
  /**
   * Clients of one partition.
   *
   * @param batches about how many batches a producer sends
   */
  List<SimActor> clientsOf(SimCluster cluster, TopicIdPartition partition, int batches);
}
