package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a client knows of topics, leaders and brokers, from metadata and from the hints of brokers.
 * It never goes back: a partition's leader epoch only rises while its topic lives, and a topic's
 * description is replaced only by one from the same image of the cluster or a later one. Pure; for
 * one thread.
 */
public final class ClusterView {
  private final Map<String, KnownTopic> topics = new HashMap<>();
  private final Map<Integer, BrokerAddress> brokers = new HashMap<>();

  /** Of the brokers that are in service. */
  private final Map<Integer, String> racks = new HashMap<>();

  private String clusterId = "";
  private HighwaterException replaced;

  private static final class KnownTopic {
    private TopicDescription description;
    private long metadataOffset;
    private PartitionLeader[] leaders = new PartitionLeader[0];
  }

  /** Takes in the brokers of a description. */
  public void apply(ClusterDescription cluster) {
    if (isOfThisCluster(cluster.clusterId())) {
      applyBrokers(cluster.brokers());
    }
  }

  /** Takes in brokers, topics, and which of the topics asked for are gone. */
  public void apply(TopicListing listing) {
    if (!isOfThisCluster(listing.clusterId())) {
      return;
    }
    applyBrokers(listing.brokers());
    for (TopicDescription topic : listing.topics()) {
      apply(topic, listing.metadataOffset());
    }
    for (String name : listing.unknownTopics()) {
      KnownTopic known = topics.get(name);
      if (known != null && listing.metadataOffset() > known.metadataOffset) {
        topics.remove(name);
      }
    }
  }

  /** What another cluster says behind the addresses of this one means nothing here. */
  private boolean isOfThisCluster(String id) {
    if (id.isEmpty()) {
      return true;
    }
    if (clusterId.isEmpty()) {
      clusterId = id;
    }
    boolean same = clusterId.equals(id);
    replaced =
        same
            ? null
            : new HighwaterException(
                ErrorCode.INCONSISTENT_CLUSTER_ID,
                "another cluster answers, "
                    + id
                    + " instead of "
                    + clusterId
                    + ": was it replaced?");
    return same;
  }

  /**
   * That another cluster answered last, in place of the one that is known; null when it did not.
   */
  public HighwaterException replaced() {
    return replaced;
  }

  private void applyBrokers(List<BrokerDescription> described) {
    for (BrokerDescription broker : described) {
      brokers.put(broker.nodeId(), broker.address());
      if (broker.fenced()) {
        racks.remove(broker.nodeId());
      } else {
        racks.put(broker.nodeId(), broker.rack());
      }
    }
  }

  private void apply(TopicDescription topic, long metadataOffset) {
    KnownTopic known = topics.computeIfAbsent(topic.name(), name -> new KnownTopic());
    if (known.description != null && metadataOffset < known.metadataOffset) {
      return;
    }
    boolean reborn =
        known.description != null && !known.description.topicId().equals(topic.topicId());
    PartitionLeader[] before = reborn ? new PartitionLeader[0] : known.leaders;
    PartitionLeader[] after = new PartitionLeader[topic.partitions().size()];
    for (int i = 0; i < after.length; i++) {
      PartitionDescription partition = topic.partitions().get(i);
      PartitionLeader described =
          new PartitionLeader(partition.leaderId(), partition.leaderEpoch());
      boolean older = i < before.length && before[i].epoch() > described.epoch();
      after[i] = older ? before[i] : described;
    }
    known.description = topic;
    known.metadataOffset = metadataOffset;
    known.leaders = after;
  }

  /**
   * Takes in a broker's hint.
   *
   * @param topicId the topic that the hint is about; hints about another life of its name are void
   * @return whether it was news: a leader of a later epoch than the one known
   */
  public boolean apply(TopicPartition partition, UUID topicId, LeaderHint hint) {
    KnownTopic known = topics.get(partition.topic());
    if (known == null
        || !known.description.topicId().equals(topicId)
        || partition.partition() >= known.leaders.length
        || known.leaders[partition.partition()].epoch() >= hint.leaderEpoch()) {
      return false;
    }
    known.leaders[partition.partition()] = new PartitionLeader(hint.nodeId(), hint.leaderEpoch());
    brokers.put(hint.nodeId(), hint.address());
    return true;
  }

  /** A topic as last described, unless it is unknown or gone. */
  public Optional<TopicDescription> topic(String name) {
    return Optional.ofNullable(topics.get(name)).map(known -> known.description);
  }

  /** Who leads a partition; {@link PartitionLeader#UNKNOWN} for partitions not known. */
  public PartitionLeader leader(TopicPartition partition) {
    KnownTopic known = topics.get(partition.topic());
    return known == null || partition.partition() >= known.leaders.length
        ? PartitionLeader.UNKNOWN
        : known.leaders[partition.partition()];
  }

  /** Why nobody leads a partition, for people, as the cluster described it last. */
  public String whyLeaderless(TopicPartition partition) {
    KnownTopic known = topics.get(partition.topic());
    List<PartitionDescription> described =
        known == null ? List.of() : known.description.partitions();
    String reason =
        partition.partition() < described.size()
            ? described.get(partition.partition()).leaderlessReason()
            : "";
    return reason.isEmpty() ? "the partition has no leader at the moment" : reason;
  }

  /**
   * Whom to read a partition from (KIP-392): the leader, unless an in-sync replica is in the
   * reader's rack and the leader is not.
   *
   * @param rack where the reader is; empty: unknown
   * @return a node id, or {@link PartitionDescription#NO_LEADER}
   */
  public int closestReplica(TopicPartition partition, String rack) {
    PartitionLeader leader = leader(partition);
    if (rack.isEmpty() || !leader.exists() || rack.equals(racks.get(leader.nodeId()))) {
      return leader.nodeId();
    }
    PartitionDescription described =
        topics.get(partition.topic()).description.partitions().get(partition.partition());
    // A hint may be ahead of the description, whose in-sync replicas are those of an older epoch.
    return described.leaderEpoch() != leader.epoch()
        ? leader.nodeId()
        : described.replicas().stream()
            .filter(described.inSyncReplicas()::contains)
            .filter(id -> rack.equals(racks.get(id)))
            .findFirst()
            .orElse(leader.nodeId());
  }

  /** Where a broker listens. */
  public Optional<BrokerAddress> address(int nodeId) {
    return Optional.ofNullable(brokers.get(nodeId));
  }

  /** Where the known brokers listen. */
  public Set<BrokerAddress> addresses() {
    return new LinkedHashSet<>(brokers.values());
  }

  /** Names of the topics known. */
  public Collection<String> topicNames() {
    return List.copyOf(topics.keySet());
  }
}
