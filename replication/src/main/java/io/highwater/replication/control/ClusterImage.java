package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * The whole cluster as committed at one index of the metadata log. Immutable; safe to share between
 * threads. Parts that did not change are the same objects as in the image before, and a change
 * costs what changes: the maps are persistent ones.
 */
public final class ClusterImage {
  /** The image before the first entry. */
  public static final ClusterImage EMPTY =
      new ClusterImage(
          -1,
          "",
          TreePMap.empty(),
          TreePMap.empty(),
          HashTreePMap.empty(),
          TreePMap.empty(),
          0,
          LossCounts.NONE,
          TreePMap.empty(),
          TopicChanges.from(-1));

  private final long index;
  private final String clusterId;
  private final PSortedMap<Integer, BrokerRegistration> brokers;
  private final PSortedMap<String, TopicImage> topics;
  private final PMap<UUID, TopicImage> topicsById;
  private final PSortedMap<UUID, DeletedTopic> deletedTopics;
  private final long nextProducerId;
  private final LossCounts lossCounts;
  private final PSortedMap<String, Integer> levels;

  /** How the image came about is no part of what it says. */
  private final TopicChanges changes;

  private ClusterImage(
      long index,
      String clusterId,
      PSortedMap<Integer, BrokerRegistration> brokers,
      PSortedMap<String, TopicImage> topics,
      PMap<UUID, TopicImage> topicsById,
      PSortedMap<UUID, DeletedTopic> deletedTopics,
      long nextProducerId,
      LossCounts lossCounts,
      PSortedMap<String, Integer> levels,
      TopicChanges changes) {
    this.index = index;
    this.clusterId = clusterId;
    this.brokers = brokers;
    this.topics = topics;
    this.topicsById = topicsById;
    this.deletedTopics = deletedTopics;
    this.nextProducerId = nextProducerId;
    this.lossCounts = lossCounts;
    this.levels = levels;
    this.changes = changes;
  }

  /** Log index of the last entry folded in, accepted or not; -1 before the first. */
  public long index() {
    return index;
  }

  /** The cluster's id, or empty as long as it has none. */
  public String clusterId() {
    return clusterId;
  }

  /** Levels of features in force, by name, but for those that are at their lowest still. */
  public SortedMap<String, Integer> levels() {
    return levels;
  }

  /** The level of a feature that is in force. */
  public int level(Feature feature) {
    return level(feature.key());
  }

  /** The level of a feature, which this build need not know; the lowest is 1. */
  public int level(String feature) {
    return levels.getOrDefault(feature, 1);
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

  /**
   * Ids of the topics that came, changed or went after an earlier image of the same log. As a rule
   * it costs what changed; behind a snapshot or a long absence all topics are compared.
   *
   * @param earlier {@link #EMPTY}: of all topics
   */
  public Set<UUID> topicsChangedSince(ClusterImage earlier) {
    return changes.since(earlier.changes, earlier.index).orElseGet(() -> differing(earlier));
  }

  private Set<UUID> differing(ClusterImage earlier) {
    Set<UUID> ids = new LinkedHashSet<>();
    for (TopicImage before : earlier.topics.values()) {
      if (!topicsById.containsKey(before.id())) {
        ids.add(before.id());
      }
    }
    for (TopicImage topic : topics.values()) {
      if (!topic.isUnchangedSince(earlier.topic(topic.id()))) {
        ids.add(topic.id());
      }
    }
    return ids;
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
        && levels.equals(that.levels)
        && clusterId.equals(that.clusterId)
        && brokers.equals(that.brokers)
        && topics.equals(that.topics)
        && deletedTopics.equals(that.deletedTopics);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        index, clusterId, brokers, topics, deletedTopics, nextProducerId, lossCounts, levels);
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
        + ", levels="
        + levels
        + "]";
  }

  Editor edit() {
    return new Editor(this);
  }

  /** Collects changes. */
  static final class Editor {
    private String clusterId;
    private PSortedMap<Integer, BrokerRegistration> brokers;
    private PSortedMap<String, TopicImage> topics;
    private PMap<UUID, TopicImage> topicsById;
    private PSortedMap<UUID, DeletedTopic> deletedTopics;
    private long nextProducerId;
    private LossCounts lossCounts;
    private PSortedMap<String, Integer> levels;
    private final TopicChanges before;
    private final Set<UUID> touched = new LinkedHashSet<>();

    private Editor(ClusterImage from) {
      before = from.changes;
      clusterId = from.clusterId;
      brokers = from.brokers;
      topics = from.topics;
      topicsById = from.topicsById;
      deletedTopics = from.deletedTopics;
      nextProducerId = from.nextProducerId;
      lossCounts = from.lossCounts;
      levels = from.levels;
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

    void setLevel(String feature, int level) {
      levels = levels.plus(feature, level);
    }

    void count(RecordLoss.Cause cause) {
      lossCounts = lossCounts.and(cause);
    }

    BrokerRegistration broker(int id) {
      return brokers.get(id);
    }

    void put(BrokerRegistration broker) {
      brokers = brokers.plus(broker.id(), broker);
    }

    /** A broker that has no replicas, and whom no deleted topic waits for any more. */
    void remove(BrokerRegistration broker) {
      brokers = brokers.minus(broker.id());
      deletedTopics.values().forEach(topic -> put(topic.confirmedBy(broker.id())));
    }

    /** The topics as edited so far; later edits do not show in it. */
    Collection<TopicImage> topics() {
      return topics.values();
    }

    TopicImage topic(UUID id) {
      return topicsById.get(id);
    }

    void put(TopicImage topic) {
      touched.add(topic.id());
      topics = topics.plus(topic.name(), topic);
      topicsById = topicsById.plus(topic.id(), topic);
    }

    void remove(TopicImage topic) {
      touched.add(topic.id());
      topics = topics.minus(topic.name());
      topicsById = topicsById.minus(topic.id());
    }

    /** Remembers a deleted topic, or forgets it when nothing of it is left anywhere. */
    void put(DeletedTopic deleted) {
      deletedTopics =
          deleted.unconfirmed().isEmpty()
              ? deletedTopics.minus(deleted.id())
              : deletedTopics.plus(deleted.id(), deleted);
    }

    /** The image with the entry at an index. */
    ClusterImage at(long index) {
      return image(index, before.and(index, touched));
    }

    /** The image out of a snapshot, of whose entries nothing is known. */
    ClusterImage restoredAt(long index) {
      return image(index, TopicChanges.from(index));
    }

    private ClusterImage image(long index, TopicChanges changes) {
      return new ClusterImage(
          index,
          clusterId,
          brokers,
          topics,
          topicsById,
          deletedTopics,
          nextProducerId,
          lossCounts,
          levels,
          changes);
    }
  }
}
