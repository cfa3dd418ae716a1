package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.UUID;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * One topic as committed. An unchanged topic is the same object in the next image, so followers can
 * skip it: {@link #isUnchangedSince}.
 *
 * @param name unique among the topics that exist
 * @param id never used twice; decides who is meant wherever data is concerned (CTL-5)
 * @param configs as given at creation, ordered by key; read them through {@link TopicConfigs}
 * @param partitions by number, starting at 0
 */
public record TopicImage(
    String name, UUID id, SortedMap<String, String> configs, List<PartitionImage> partitions) {

  public TopicImage {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(id, "id");
    configs = TreePMap.fromSortedMap(configs);
    partitions = TreePVector.from(partitions);
  }

  TopicImage(String name, UUID id, Map<String, String> configs, List<PartitionImage> partitions) {
    this(name, id, TreePMap.from(configs), partitions);
  }

  /** The partition of that number, or null when the topic has no such. */
  public PartitionImage partition(int partition) {
    return partition >= 0 && partition < partitions.size() ? partitions.get(partition) : null;
  }

  /** Identity of one of its partitions on data paths. */
  public TopicIdPartition idOf(int partition) {
    return new TopicIdPartition(id, partition);
  }

  /**
   * In-sync replicas that an {@code acks=all} write needs: {@code min.insync.replicas}, but never
   * more than there are replicas; those that a reassignment is only adding demand nothing yet.
   */
  public int minInSyncReplicas(PartitionImage partition) {
    return Math.min(
        TopicConfigs.minInSyncReplicas(configs),
        partition.replicas().size() - partition.moves().adding().size());
  }

  /**
   * Whether nothing of the topic changed between two images, at the cost of one comparison.
   *
   * @param earlier the topic in an older image, or null
   */
  @SuppressWarnings("ReferenceEquality") // Images share what did not change.
  public boolean isUnchangedSince(TopicImage earlier) {
    return this == earlier;
  }

  /** Costs what changes, however many partitions there are. */
  TopicImage with(PartitionImage changed) {
    TreePVector<PartitionImage> next = TreePVector.from(partitions); // Itself.
    return new TopicImage(name, id, configs, next.with(changed.partition(), changed));
  }
}
