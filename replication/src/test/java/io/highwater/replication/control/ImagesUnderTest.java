package io.highwater.replication.control;

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
}
