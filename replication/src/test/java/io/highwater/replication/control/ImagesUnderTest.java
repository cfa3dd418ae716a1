package io.highwater.replication.control;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Opens the door to images, for tests that falsify them on purpose. */
public final class ImagesUnderTest {
  private ImagesUnderTest() {}

  /** The same image as one with another {@code min.insync.replicas} for every topic. */
  public static ClusterImage withMinInSyncReplicas(ClusterImage image, int minInSyncReplicas) {
    ClusterImage.Editor edit = image.edit();
    for (TopicImage topic : List.copyOf(image.topics())) {
      TreeMap<String, String> configs = new TreeMap<>(topic.configs());
      configs.put("min.insync.replicas", String.valueOf(minInSyncReplicas));
      edit.put(new TopicImage(topic.name(), topic.id(), configs, topic.partitions()));
    }
    return edit.at(image.index());
  }

  /** The same image as one in which no election ever cost anything. */
  public static ClusterImage withoutLosses(ClusterImage image) {
    ClusterImage.Editor edit = image.edit();
    for (TopicImage topic : List.copyOf(image.topics())) {
      edit.put(
          new TopicImage(
              topic.name(),
              topic.id(),
              topic.configs(),
              topic.partitions().stream().map(p -> p.withLosses(List.of())).toList()));
    }
    return edit.at(image.index());
  }

  /** The same image as one in which every reassignment under way is over. */
  public static ClusterImage withMovesDone(ClusterImage image) {
    ClusterImage.Editor edit = image.edit();
    for (TopicImage topic : List.copyOf(image.topics())) {
      List<PartitionImage> partitions = new ArrayList<>();
      for (PartitionImage p : topic.partitions()) {
        List<Integer> left = p.moves().leftAfter(p.moves().removing(), p.targetReplicas());
        partitions.add(
            p.moves().underWay()
                ? p.withReplicas(p.targetReplicas(), new ReplicaMoves(List.of(), List.of(), left))
                : p);
      }
      edit.put(new TopicImage(topic.name(), topic.id(), topic.configs(), partitions));
    }
    return edit.at(image.index());
  }
}
