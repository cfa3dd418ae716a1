package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The whole cluster as committed at one index of the metadata log. Immutable; safe to share between
 * threads. Parts that did not change are the same objects as in the image before.
 */
public final class ClusterImage {
  /** The image before the first entry. */
  public static final ClusterImage EMPTY =
      new ClusterImage(
          -1,
          "",
          new TreeMap<>(),
          new TreeMap<>(),
          new HashMap<>(),
          new TreeMap<>(),
          0,
          LossCounts.NONE);

  private final long index;
  private final String clusterId;
  private final SortedMap<Integer, BrokerRegistration> brokers;
  private final SortedMap<String, TopicImage> topics;
  private final Map<UUID, TopicImage> topicsById;
  private final SortedMap<UUID, DeletedTopic> deletedTopics;
  private final long nextProducerId;
  private final LossCounts lossCounts;

  private ClusterImage(
      long index,
      String clusterId,
      SortedMap<Integer, BrokerRegistration> brokers,
      SortedMap<String, TopicImage> topics,
      Map<UUID, TopicImage> topicsById,
      SortedMap<UUID, DeletedTopic> deletedTopics,
      long nextProducerId,
      LossCounts lossCounts) {
    this.index = index;
    this.clusterId = clusterId;
    this.brokers = brokers;
    this.topics = topics;
    this.topicsById = topicsById;
    this.deletedTopics = deletedTopics;
    this.nextProducerId = nextProducerId;
    this.lossCounts = lossCounts;
  }

  /** Log index of the last entry folded in, accepted or not; -1 before the first. */
  public long index() {
    return index;
  }

  /** The cluster's id, or empty as long as it has none. */
  public String clusterId() {
    return clusterId;
  }

  /** All registered brokers, fenced ones too, by ascending id. */
  public Collection<BrokerRegistration> brokers() {
    return Collections.unmodifiableCollection(brokers.values());
  }

  /** The broker of that id, or null when none ever registered. */
  public BrokerRegistration broker(int id) {
    return brokers.get(id);
  }

  /** Whether the broker is registered in exactly this epoch and not fenced. */
  public boolean isActive(int brokerId, long brokerEpoch) {
    BrokerRegistration broker = brokers.get(brokerId);
    return broker != null && broker.epoch() == brokerEpoch && !broker.fenced();
  }

  /** Whether there is a broker that may lead, apart from one. */
  public boolean othersMayLead(int brokerId) {
    return brokers.values().stream()
        .anyMatch(broker -> broker.id() != brokerId && broker.electable());
  }

  /** All topics in the order of their names. */
  public Collection<TopicImage> topics() {
    return Collections.unmodifiableCollection(topics.values());
  }

  /** The topic of that name, or null. */
  public TopicImage topic(String name) {
    return topics.get(name);
  }

  /** The topic of that id, or null. */
  public TopicImage topic(UUID id) {
    return topicsById.get(id);
  }

  /** The partition, or null when it does not exist. */
  public PartitionImage partition(TopicIdPartition id) {
    TopicImage topic = topicsById.get(id.topicId());
    return topic == null ? null : topic.partition(id.partition());
  }

  /** Topics that were deleted and whose data may still be on some broker, by id. */
  public Collection<DeletedTopic> deletedTopics() {
    return Collections.unmodifiableCollection(deletedTopics.values());
  }

  /** The deleted topic of that id, or null when it never was or every replica is rid of it. */
  public DeletedTopic deletedTopic(UUID id) {
    return deletedTopics.get(id);
  }

  /** First producer id that was not handed out yet. */
  public long nextProducerId() {
    return nextProducerId;
  }

  /**
   * How many elections there ever were that may have cost committed records, also of partitions
   * that are gone, and such whose {@link PartitionImage#losses} are forgotten.
   */
  public LossCounts lossCounts() {
    return lossCounts;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClusterImage that
        && index == that.index
        && nextProducerId == that.nextProducerId
        && lossCounts.equals(that.lossCounts)
        && clusterId.equals(that.clusterId)
        && brokers.equals(that.brokers)
        && topics.equals(that.topics)
        && deletedTopics.equals(that.deletedTopics);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        index, clusterId, brokers, topics, deletedTopics, nextProducerId, lossCounts);
  }

  @Override
  public String toString() {
    return "ClusterImage[index="
        + index
        + ", clusterId="
        + clusterId
        + ", brokers="
        + brokers.values()
        + ", topics="
        + topics.values()
        + ", deletedTopics="
        + deletedTopics.values()
        + ", nextProducerId="
        + nextProducerId
        + ", lossCounts="
        + lossCounts
        + "]";
  }

  Editor edit() {
    return new Editor(this);
  }

  /** Collects changes; copies a map only when it is changed. */
  static final class Editor {
    private final ClusterImage from;
    private String clusterId;
    private SortedMap<Integer, BrokerRegistration> brokers;
    private SortedMap<String, TopicImage> topics;
    private Map<UUID, TopicImage> topicsById;
    private SortedMap<UUID, DeletedTopic> deletedTopics;
    private long nextProducerId;
    private LossCounts lossCounts;

    private Editor(ClusterImage from) {
      this.from = from;
      clusterId = from.clusterId;
      brokers = from.brokers;
      topics = from.topics;
      topicsById = from.topicsById;
      deletedTopics = from.deletedTopics;
      nextProducerId = from.nextProducerId;
      lossCounts = from.lossCounts;
    }

    void setClusterId(String id) {
      clusterId = id;
    }

    void setNextProducerId(long id) {
      nextProducerId = id;
    }

    void setLossCounts(LossCounts counts) {
      lossCounts = counts;
    }

    void count(RecordLoss.Cause cause) {
      lossCounts = lossCounts.and(cause);
    }

    BrokerRegistration broker(int id) {
      return brokers.get(id);
    }

    void put(BrokerRegistration broker) {
      if (brokers == from.brokers) {
        brokers = new TreeMap<>(brokers);
      }
      brokers.put(broker.id(), broker);
    }

    /** A broker that has no replicas, and whom no deleted topic waits for any more. */
    void remove(BrokerRegistration broker) {
      if (brokers == from.brokers) {
        brokers = new TreeMap<>(brokers);
      }
      brokers.remove(broker.id());
      List.copyOf(deletedTopics.values()).forEach(topic -> put(topic.confirmedBy(broker.id())));
    }

    /** A view of the topics as edited so far; not to be held across {@link #put(TopicImage)}. */
    Collection<TopicImage> topics() {
      return topics.values();
    }

    TopicImage topic(UUID id) {
      return topicsById.get(id);
    }

    void put(TopicImage topic) {
      ownTopics();
      topics.put(topic.name(), topic);
      topicsById.put(topic.id(), topic);
    }

    void remove(TopicImage topic) {
      ownTopics();
      topics.remove(topic.name());
      topicsById.remove(topic.id());
    }

    private void ownTopics() {
      if (topics == from.topics) {
        topics = new TreeMap<>(topics);
        topicsById = new HashMap<>(topicsById);
      }
    }

    /** Remembers a deleted topic, or forgets it when nothing of it is left anywhere. */
    void put(DeletedTopic deleted) {
      if (deletedTopics == from.deletedTopics) {
        deletedTopics = new TreeMap<>(deletedTopics);
      }
      if (deleted.unconfirmed().isEmpty()) {
        deletedTopics.remove(deleted.id());
      } else {
        deletedTopics.put(deleted.id(), deleted);
      }
    }

    ClusterImage at(long index) {
      return new ClusterImage(
          index, clusterId, brokers, topics, topicsById, deletedTopics, nextProducerId, lossCounts);
    }
  }
}
