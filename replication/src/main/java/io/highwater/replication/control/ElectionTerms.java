package io.highwater.replication.control;

import java.util.function.IntPredicate;

/**
 * By what a partition's leader is chosen.
 *
 * @param electable which brokers are neither fenced nor stopping, and can serve the partition
 * @param minIsr the partition's effective min.insync.replicas
 * @param keepsAcknowledged whether nothing is acknowledged before it would survive a power loss on
 *     every in-sync replica ({@code flush.policy=group})
 */
record ElectionTerms(IntPredicate electable, int minIsr, boolean keepsAcknowledged) {
  static ElectionTerms of(TopicImage topic, PartitionImage partition, IntPredicate electable) {
    return new ElectionTerms(
        electable,
        topic.minInSyncReplicas(partition),
        TopicConfigs.FLUSH_GROUP.equals(TopicConfigs.flushPolicy(topic.configs())));
  }
}
