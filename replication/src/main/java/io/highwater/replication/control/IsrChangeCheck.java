package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand.AlterIsr.Change;
import io.highwater.replication.control.MetadataCommand.AlterIsr.Member;
import java.util.List;
import java.util.Optional;

/** Whether a leader's proposal of an in-sync set still fits (ISR-2). Pure. */
final class IsrChangeCheck {
  private IsrChangeCheck() {}

  /**
   * Why the proposal is refused, or empty.
   *
   * @param topic the topic as changed so far within the same command, or null when there is none
   */
  static Optional<PartitionRefusal> refusal(Change change, TopicImage topic, ClusterImage image) {
    if (topic == null) {
      return refused(change, ErrorCode.UNKNOWN_TOPIC_ID, "no such topic");
    }
    PartitionImage p = topic.partition(change.partition());
    if (p == null) {
      return refused(change, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "no such partition");
    }
    if (change.leaderEpoch() != p.leaderEpoch()) {
      return refused(
          change,
          change.leaderEpoch() < p.leaderEpoch()
              ? ErrorCode.FENCED_LEADER_EPOCH
              : ErrorCode.UNKNOWN_LEADER_EPOCH,
          "the leader epoch is " + p.leaderEpoch() + ", not " + change.leaderEpoch());
    }
    if (change.partitionEpoch() != p.partitionEpoch()) {
      return refused(
          change,
          ErrorCode.INVALID_UPDATE_VERSION,
          "the partition epoch is " + p.partitionEpoch() + ", not " + change.partitionEpoch());
    }
    List<Integer> ids = change.isr().stream().map(Member::brokerId).toList();
    if (!p.hasLeader()
        || !(ids.contains(p.leader()) || mayTakeOver(ids, p, topic))
        || ids.stream().distinct().count() != ids.size()
        || !p.replicas().containsAll(ids)) {
      return refused(
          change,
          ErrorCode.INVALID_REQUEST,
          "an in-sync set has different replicas, the leader or enough in-sync ones among them: "
              + ids);
    }
    for (Member member : change.isr()) {
      if (!image.isActive(member.brokerId(), member.brokerEpoch())
          || image.broker(member.brokerId()).stopping()) {
        return refused(
            change,
            ErrorCode.INELIGIBLE_REPLICA,
            "broker " + member.brokerId() + " is not active in epoch " + member.brokerEpoch());
      }
    }
    return Optional.empty();
  }

  /** A leader that gives the partition up names enough of those who have all that is committed. */
  private static boolean mayTakeOver(List<Integer> ids, PartitionImage p, TopicImage topic) {
    return ids.size() >= topic.minInSyncReplicas(p) && p.isr().containsAll(ids);
  }

  private static Optional<PartitionRefusal> refused(Change change, ErrorCode error, String text) {
    return Optional.of(new PartitionRefusal(change.topicId(), change.partition(), error, text));
  }
}
