package io.highwater.server.partition;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.LeaderlessPartition;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Topics and leaders as of the last cluster image that was applied here. On the owner loop. */
public final class TopicCatalog {
  private ClusterImage image = ClusterImage.EMPTY;
  private final List<Runnable> followers = new ArrayList<>();

  /** Takes a newer image. */
  public void apply(ClusterImage newer) {
    image = newer;
    followers.forEach(Runnable::run);
  }

  /** Has a task run with each newer image, before anybody else asks for it. */
  public void onNewer(Runnable follower) {
    followers.add(follower);
  }

  /** The image that answers come from. */
  public ClusterImage image() {
    return image;
  }

  /**
   * Finds a topic.
   *
   * @param id decides when it is not null (CTL-5)
   * @param name of the topic, used without an id
   * @throws PartitionException UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION
   */
  public TopicImage topic(UUID id, String name) {
    TopicImage topic = id != null ? image.topic(id) : image.topic(name);
    if (topic != null) {
      return topic;
    }
    throw id != null
        ? new PartitionException(ErrorCode.UNKNOWN_TOPIC_ID, "no topic has the id " + id, null)
        : new PartitionException(
            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'", null);
  }

  /**
   * Finds a partition.
   *
   * @throws PartitionException as {@link #topic}, or UNKNOWN_TOPIC_OR_PARTITION for the number
   */
  public TopicIdPartition partition(UUID id, String name, int partition) {
    TopicImage topic = topic(id, name);
    if (topic.partition(partition) == null) {
      throw new PartitionException(
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          "topic '" + topic.name() + "' has no partition " + partition,
          null);
    }
    return topic.idOf(partition);
  }

  /** Where clients find the partition's leader, or null when nobody leads. */
  public LeaderHint leader(TopicIdPartition id) {
    PartitionImage partition = image.partition(id);
    if (partition == null || !partition.hasLeader()) {
      return null;
    }
    BrokerRegistration broker = image.broker(partition.leader());
    Endpoint clients = broker == null ? null : broker.endpoints().get(ListenerName.CLIENTS);
    return clients == null
        ? null
        : new LeaderHint(broker.id(), clients.host(), clients.port(), partition.leaderEpoch());
  }

  private String whyLeaderless(TopicIdPartition id) {
    TopicImage topic = image.topic(id.topicId());
    PartitionImage partition = topic.partition(id.partition());
    return partition.hasLeader()
        ? "the address of the leader, broker " + partition.leader() + ", is not known"
        : new LeaderlessPartition(image, topic, partition).reason();
  }

  /** The refusal that says who leads a partition instead of this broker. */
  public PartitionException notLeader(TopicIdPartition id) {
    if (image.partition(id) == null) {
      return new PartitionException(
          ErrorCode.UNKNOWN_TOPIC_ID, "no topic has the id " + id.topicId(), null);
    }
    LeaderHint leader = leader(id);
    return leader == null
        ? new PartitionException(ErrorCode.LEADER_NOT_AVAILABLE, whyLeaderless(id), null)
        : new PartitionException(
            ErrorCode.NOT_LEADER_OR_FOLLOWER,
            "broker " + leader.nodeId() + " leads the partition",
            leader);
  }
}
