package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.CommandResult.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.IntPredicate;

/** One entry of the metadata log while it is folded in: the image it found, and its edit. */
final class Entry {
  private final long index;
  private final ClusterImage found;
  private final ClusterImage.Editor edit;

  Entry(long index, ClusterImage found) {
    this.index = index;
    this.found = found;
    this.edit = found.edit();
  }

  /** How one partition changes. */
  interface Change {
    PartitionImage of(TopicIdPartition id, PartitionImage partition, int minIsr);
  }

  long index() {
    return index;
  }

  /** The image before the entry. */
  ClusterImage found() {
    return found;
  }

  ClusterImage.Editor edit() {
    return edit;
  }

  Accepted accepted() {
    return Accepted.at(index);
  }

  Accepted accepted(List<PartitionRefusal> refusals) {
    return new Accepted(index, -1, -1, refusals);
  }

  Rejected rejected(ErrorCode error, String text) {
    return new Rejected(index, error, text);
  }

  Rejected stale(int brokerId, long brokerEpoch) {
    BrokerRegistration broker = found.broker(brokerId);
    String now =
        broker == null
            ? "never registered"
            : "in epoch " + broker.epoch() + (broker.fenced() ? " and fenced" : "");
    return rejected(
        ErrorCode.STALE_BROKER_EPOCH,
        "broker " + brokerId + " in epoch " + brokerEpoch + " is " + now);
  }

  Rejected unknownTopic(UUID topicId) {
    return rejected(ErrorCode.UNKNOWN_TOPIC_ID, "no topic has the id " + topicId);
  }

  /** The partition as edited so far, or null when there is none. */
  PartitionImage partition(TopicIdPartition id) {
    TopicImage topic = edit.topic(id.topicId());
    return topic == null ? null : topic.partition(id.partition());
  }

  static PartitionRefusal refused(TopicIdPartition id, ErrorCode error, String text) {
    return new PartitionRefusal(id.topicId(), id.partition(), error, text);
  }

  /** Refuses a partition that does not exist. */
  PartitionRefusal unknown(TopicIdPartition id) {
    return edit.topic(id.topicId()) == null
        ? refused(id, ErrorCode.UNKNOWN_TOPIC_ID, "no such topic")
        : refused(id, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "no such partition");
  }

  /** Whether the broker, as edited so far, may lead. */
  boolean electable(int brokerId) {
    BrokerRegistration broker = edit.broker(brokerId);
    return broker != null && broker.electable();
  }

  /** Whether the broker, as edited so far, may be given more to do. */
  boolean placeable(int brokerId) {
    BrokerRegistration broker = edit.broker(brokerId);
    return broker != null && broker.placeable();
  }

  /** Which brokers, as edited so far, may lead this partition. */
  IntPredicate electableFor(TopicIdPartition id) {
    return brokerId -> {
      BrokerRegistration broker = edit.broker(brokerId);
      return broker != null && broker.electable(id);
    };
  }

  /** By what the partition's leader is chosen, with brokers as edited so far. */
  ElectionTerms termsFor(TopicImage topic, PartitionImage partition) {
    return ElectionTerms.of(topic, partition, electableFor(topic.idOf(partition.partition())));
  }

  /** The broker serves these replicas again, or nobody needs them any more. */
  void backOnline(int brokerId, List<TopicIdPartition> replicas) {
    BrokerRegistration broker = edit.broker(brokerId);
    if (broker != null && replicas.stream().anyMatch(broker.offline()::contains)) {
      edit.put(broker.withoutOffline(replicas));
    }
  }

  /** Puts a changed partition in place, once what follows from the change has been done, too. */
  void put(TopicImage topic, PartitionImage changed) {
    edit.put(topic.with(settled(topic, changed)));
  }

  /** Changes all partitions that a broker is a replica of, then settles their leadership. */
  void changeReplicasOf(int brokerId, Change change) {
    for (TopicImage topic : edit.topics()) {
      List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
      boolean changed = false;
      for (PartitionImage before : topic.partitions()) {
        if (!before.replicas().contains(brokerId)) {
          continue;
        }
        ElectionTerms terms = termsFor(topic, before);
        PartitionImage after =
            LeaderElection.elect(
                change.of(topic.idOf(before.partition()), before, terms.minIsr()), terms);
        if (!after.equals(before)) {
          partitions.set(before.partition(), settled(topic, after));
          changed = true;
        }
      }
      if (changed) {
        edit.put(new TopicImage(topic.name(), topic.id(), topic.configs(), partitions));
      }
    }
  }

  /** How many replicas a broker has, those that a reassignment adds or removes among them. */
  long replicasOf(int brokerId) {
    return edit.topics().stream()
        .flatMap(topic -> topic.partitions().stream())
        .filter(partition -> partition.replicas().contains(brokerId))
        .count();
  }

  /** Nobody waits any more for a broker to delete what is left of replicas that it had. */
  void forgetDebtsOf(int brokerId) {
    for (TopicImage topic : edit.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (partition.moves().left().contains(brokerId)) {
          put(edit.topic(topic.id()), partition.withMoves(partition.moves().confirmedBy(brokerId)));
        }
      }
    }
  }

  /** One entry, one version: counted from the image that the entry found. */
  PartitionImage settled(TopicImage topic, PartitionImage changed) {
    PartitionImage before = found.topic(topic.id()).partition(changed.partition());
    PartitionImage after =
        ReassignmentRules.completed(changed, topic, electableFor(topic.idOf(changed.partition())));
    count(edit.topic(topic.id()).partition(changed.partition()), after);
    return ReassignmentRules.fenced(before, after).withPartitionEpoch(before.partitionEpoch() + 1);
  }

  /** Elections that may have cost something leave a loss of their epoch. */
  private void count(PartitionImage before, PartitionImage after) {
    for (RecordLoss loss : after.losses()) {
      if (loss.leaderEpoch() > before.leaderEpoch()) {
        edit.count(loss.cause());
      }
    }
  }
}
