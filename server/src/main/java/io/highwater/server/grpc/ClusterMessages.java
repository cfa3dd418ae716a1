package io.highwater.server.grpc;

import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.BrokerInfo;
import io.highwater.proto.v1.FeatureInfo;
import io.highwater.proto.v1.FeatureUpdate;
import io.highwater.proto.v1.IsrChangeInfo;
import io.highwater.proto.v1.PartitionInfo;
import io.highwater.proto.v1.RecordLossCause;
import io.highwater.proto.v1.RecordLossInfo;
import io.highwater.proto.v1.ReplicaContent;
import io.highwater.proto.v1.SilentReplica;
import io.highwater.proto.v1.SupportedLevels;
import io.highwater.proto.v1.TopicInfo;
import io.highwater.proto.v1.VerifyReplicasResponse;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.FeatureRules;
import io.highwater.replication.control.LeaderlessPartition;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.leader.ComparedRange;
import io.highwater.server.metadata.FeatureAdmin;
import io.highwater.server.metadata.IsrHistory;
import io.highwater.server.metadata.TopicGrowth;
import java.util.List;
import java.util.function.Function;

/** The cluster image as {@code metadata.proto} says it. */
final class ClusterMessages {
  private ClusterMessages() {}

  /** What a comparison of replicas found. */
  static VerifyReplicasResponse verified(ComparedRange range) {
    VerifyReplicasResponse.Builder answer =
        VerifyReplicasResponse.newBuilder()
            .setFromOffset(range.fromOffset())
            .setEndOffset(range.endOffset())
            .setHighWatermark(range.highWatermark())
            .setBytes(range.bytes())
            .setNotComparable(!range.comparable())
            .addAllYielding(range.yielding());
    range
        .contents()
        .forEach(
            (broker, sha256) ->
                answer.addContents(
                    ReplicaContent.newBuilder().setNodeId(broker).setSha256(sha256)));
    range
        .silent()
        .forEach(
            (broker, reason) ->
                answer.addSilent(SilentReplica.newBuilder().setNodeId(broker).setReason(reason)));
    return answer.build();
  }

  /** Levels of features, in force and spoken by all brokers. */
  static List<FeatureInfo> features(ClusterImage image) {
    return FeatureRules.known(image).stream()
        .map(
            name -> {
              FeatureInfo.Builder info =
                  FeatureInfo.newBuilder().setName(name).setLevel(image.level(name));
              FeatureRules.spokenByAll(image, name)
                  .ifPresent(
                      range ->
                          info.setMinSupportedLevel(range.min()).setMaxSupportedLevel(range.max()));
              return info.build();
            })
        .toList();
  }

  static FeatureUpdate update(FeatureAdmin.Update update) {
    return FeatureUpdate.newBuilder()
        .setFeature(update.feature())
        .setFromLevel(update.fromLevel())
        .setLevel(update.level())
        .build();
  }

  /** All brokers with the addresses of their CLIENTS listeners. */
  static List<BrokerInfo> brokers(ClusterImage image) {
    return image.brokers().stream().map(ClusterMessages::broker).toList();
  }

  static TopicInfo topic(TopicImage topic) {
    TopicInfo.Builder info =
        TopicInfo.newBuilder()
            .setName(topic.name())
            .setTopicId(TopicIds.toBytes(topic.id()))
            .putAllConfigs(topic.configs());
    topic.partitions().forEach(partition -> info.addPartitions(partition(partition)));
    return info.build();
  }

  /**
   * The topic with what happened to its in-sync sets, and why partitions have no leader.
   *
   * @param damage what is wrong with this broker's replica, null when nothing is
   */
  static TopicInfo topic(
      ClusterImage image,
      TopicImage topic,
      IsrHistory history,
      Function<TopicIdPartition, String> damage) {
    TopicInfo.Builder info = topic(topic).toBuilder();
    for (PartitionImage partition : topic.partitions()) {
      if (!partition.hasLeader()) {
        info.getPartitionsBuilder(partition.partition())
            .setLeaderlessReason(
                new LeaderlessPartition(image, topic, partition).reason()
                    + ofThisBroker(damage.apply(topic.idOf(partition.partition()))));
      }
      history
          .of(topic.idOf(partition.partition()))
          .ifPresent(
              change ->
                  info.addIsrChanges(
                      IsrChangeInfo.newBuilder()
                          .setPartition(partition.partition())
                          .addAllLeft(change.left())
                          .addAllJoined(change.joined())
                          .setReason(change.reason())
                          .setTimeMs(change.timeMs())));
      for (RecordLoss loss : partition.losses()) {
        info.addLosses(loss(partition.partition(), loss));
      }
    }
    return info.build();
  }

  private static String ofThisBroker(String damage) {
    return damage == null
        ? ""
        : "; the broker that answers cannot serve its log, because " + damage;
  }

  private static RecordLossInfo loss(int partition, RecordLoss loss) {
    return RecordLossInfo.newBuilder()
        .setPartition(partition)
        .setLeaderEpoch(loss.leaderEpoch())
        .setFromOffset(loss.fromOffset())
        .setEndOffset(loss.endOffset())
        .setCause(cause(loss.cause()))
        .setText(loss.text())
        .setAcknowledged(loss.acknowledged())
        .build();
  }

  private static RecordLossCause cause(RecordLoss.Cause cause) {
    return switch (cause) {
      case UNCLEAN_ELECTION -> RecordLossCause.RECORD_LOSS_CAUSE_UNCLEAN_ELECTION;
      case ALL_UNCLEAN -> RecordLossCause.RECORD_LOSS_CAUSE_ALL_UNCLEAN;
      case FOUND_MISSING -> RecordLossCause.RECORD_LOSS_CAUSE_FOUND_MISSING;
      case ALL_KILLED -> RecordLossCause.RECORD_LOSS_CAUSE_ALL_KILLED;
    };
  }

  /** The topic grown, its new partitions as they are at their beginning. */
  static TopicInfo topic(TopicGrowth growth) {
    TopicInfo.Builder info = topic(growth.before()).toBuilder();
    for (List<Integer> replicas : growth.assignments()) {
      info.addPartitions(
          PartitionInfo.newBuilder()
              .setPartition(info.getPartitionsCount())
              .setLeaderId(replicas.get(0))
              .addAllReplicas(replicas)
              .addAllInSyncReplicas(replicas));
    }
    return info.build();
  }

  private static BrokerInfo broker(BrokerRegistration broker) {
    BrokerInfo.Builder info =
        BrokerInfo.newBuilder()
            .setNodeId(broker.id())
            .setBrokerEpoch(broker.epoch())
            .setFenced(broker.fenced())
            .setVersion(broker.version())
            .setRack(broker.rack())
            .setDraining(broker.draining());
    broker
        .features()
        .forEach(
            (feature, range) ->
                info.addFeatures(
                    SupportedLevels.newBuilder()
                        .setFeature(feature)
                        .setMinLevel(range.min())
                        .setMaxLevel(range.max())));
    Endpoint clients = broker.endpoints().get(ListenerName.CLIENTS);
    return clients == null
        ? info.build()
        : info.setHost(clients.host()).setPort(clients.port()).build();
  }

  private static PartitionInfo partition(PartitionImage partition) {
    return PartitionInfo.newBuilder()
        .setPartition(partition.partition())
        .setLeaderId(partition.leader())
        .setLeaderEpoch(partition.leaderEpoch())
        .addAllReplicas(partition.replicas())
        .addAllInSyncReplicas(partition.isr())
        .setPartitionEpoch(partition.partitionEpoch())
        .addAllEligibleLeaderReplicas(partition.elr())
        .addAllFullReplicas(partition.leftOut().full())
        .addAllAddingReplicas(partition.moves().adding())
        .addAllRemovingReplicas(partition.moves().removing())
        .build();
  }
}
