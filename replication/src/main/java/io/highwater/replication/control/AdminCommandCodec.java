package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.internal.v1.AcknowledgeLossesRecord;
import io.highwater.proto.internal.v1.AddPartitionsRecord;
import io.highwater.proto.internal.v1.AlterReassignmentsRecord;
import io.highwater.proto.internal.v1.AlterTopicConfigsRecord;
import io.highwater.proto.internal.v1.ConfirmReplicaRemovalRecord;
import io.highwater.proto.internal.v1.DrainBrokerRecord;
import io.highwater.proto.internal.v1.ElectLeadersRecord;
import io.highwater.proto.internal.v1.ElectUncleanRecord;
import io.highwater.proto.internal.v1.MetadataRecord;
import io.highwater.proto.internal.v1.PartitionKey;
import io.highwater.proto.internal.v1.ReplicaAssignment;
import io.highwater.proto.internal.v1.TargetReplicas;
import io.highwater.proto.internal.v1.UnregisterBrokerRecord;
import io.highwater.proto.internal.v1.UpdateFeaturesRecord;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Those commands as entries of the log that an operator's administration brings. */
final class AdminCommandCodec {
  private AdminCommandCodec() {}

  static void encode(MetadataCommand command, MetadataRecord.Builder out) {
    if (command instanceof AlterTopicConfigs alter) {
      out.setAlterTopicConfigs(
          AlterTopicConfigsRecord.newBuilder()
              .setTopicId(UuidBytes.of(alter.topicId()))
              .addAllSet(CommandCodec.configs(alter.set()))
              .addAllDelete(alter.delete()));
    } else if (command instanceof AddPartitions add) {
      out.setAddPartitions(
          AddPartitionsRecord.newBuilder()
              .setTopicId(UuidBytes.of(add.topicId()))
              .setPresent(add.present())
              .addAllAssignments(
                  add.assignments().stream()
                      .map(ids -> ReplicaAssignment.newBuilder().addAllBrokerIds(ids).build())
                      .toList()));
    } else if (command instanceof ElectLeaders elect) {
      out.setElectLeaders(
          ElectLeadersRecord.newBuilder().addAllPartitions(keys(elect.partitions())));
    } else if (command instanceof ElectUnclean elect) {
      out.setElectUnclean(
          ElectUncleanRecord.newBuilder().addAllPartitions(keys(elect.partitions())));
    } else if (command instanceof AlterReassignments alter) {
      out.setAlterReassignments(
          AlterReassignmentsRecord.newBuilder()
              .addAllTargets(
                  alter.targets().stream()
                      .map(
                          target ->
                              TargetReplicas.newBuilder()
                                  .setPartition(key(target.partition()))
                                  .addAllBrokerIds(target.replicas())
                                  .build())
                      .toList()));
    } else if (command instanceof ConfirmReplicaRemoval confirm) {
      out.setConfirmReplicaRemoval(
          ConfirmReplicaRemovalRecord.newBuilder()
              .setBrokerId(confirm.brokerId())
              .setBrokerEpoch(confirm.brokerEpoch())
              .addAllPartitions(keys(confirm.partitions())));
    } else if (command instanceof DrainBroker drain) {
      out.setDrainBroker(
          DrainBrokerRecord.newBuilder()
              .setBrokerId(drain.brokerId())
              .setDraining(drain.draining()));
    } else if (command instanceof UnregisterBroker unregister) {
      out.setUnregisterBroker(
          UnregisterBrokerRecord.newBuilder()
              .setBrokerId(unregister.brokerId())
              .setBrokerEpoch(unregister.brokerEpoch()));
    } else if (command instanceof AcknowledgeLosses acknowledge) {
      out.setAcknowledgeLosses(
          AcknowledgeLossesRecord.newBuilder().addAllPartitions(keys(acknowledge.partitions())));
    } else if (command instanceof UpdateFeatures update) {
      out.setUpdateFeatures(
          UpdateFeaturesRecord.newBuilder().addAllLevels(FeatureCodec.levels(update.levels())));
    } else {
      throw new IllegalArgumentException("not a command of administration: " + command.kind());
    }
  }

  /**
   * Reads a command back.
   *
   * @throws IllegalArgumentException when the record holds none of these
   */
  static MetadataCommand decode(MetadataRecord in) {
    return switch (in.getCommandCase()) {
      case ALTER_TOPIC_CONFIGS ->
          new AlterTopicConfigs(
              UuidBytes.uuid(in.getAlterTopicConfigs().getTopicId()),
              CommandCodec.configs(in.getAlterTopicConfigs().getSetList()),
              in.getAlterTopicConfigs().getDeleteList());
      case ADD_PARTITIONS ->
          new AddPartitions(
              UuidBytes.uuid(in.getAddPartitions().getTopicId()),
              in.getAddPartitions().getPresent(),
              in.getAddPartitions().getAssignmentsList().stream()
                  .map(ReplicaAssignment::getBrokerIdsList)
                  .toList());
      case ELECT_LEADERS -> new ElectLeaders(partitions(in.getElectLeaders().getPartitionsList()));
      case ELECT_UNCLEAN -> new ElectUnclean(partitions(in.getElectUnclean().getPartitionsList()));
      case ACKNOWLEDGE_LOSSES ->
          new AcknowledgeLosses(partitions(in.getAcknowledgeLosses().getPartitionsList()));
      case UPDATE_FEATURES ->
          new UpdateFeatures(FeatureCodec.levels(in.getUpdateFeatures().getLevelsList()));
      case ALTER_REASSIGNMENTS ->
          new AlterReassignments(
              in.getAlterReassignments().getTargetsList().stream()
                  .map(
                      target ->
                          new AlterReassignments.Target(
                              partition(target.getPartition()), target.getBrokerIdsList()))
                  .toList());
      case CONFIRM_REPLICA_REMOVAL ->
          new ConfirmReplicaRemoval(
              in.getConfirmReplicaRemoval().getBrokerId(),
              in.getConfirmReplicaRemoval().getBrokerEpoch(),
              partitions(in.getConfirmReplicaRemoval().getPartitionsList()));
      case DRAIN_BROKER ->
          new DrainBroker(in.getDrainBroker().getBrokerId(), in.getDrainBroker().getDraining());
      case UNREGISTER_BROKER ->
          new UnregisterBroker(
              in.getUnregisterBroker().getBrokerId(), in.getUnregisterBroker().getBrokerEpoch());
      default ->
          throw new IllegalArgumentException(
              "not a command of administration: " + in.getCommandCase());
    };
  }

  static List<PartitionKey> keys(List<TopicIdPartition> partitions) {
    return partitions.stream().map(AdminCommandCodec::key).toList();
  }

  static List<TopicIdPartition> inOrder(Collection<TopicIdPartition> partitions) {
    return partitions.stream()
        .sorted(
            Comparator.comparing(TopicIdPartition::topicId)
                .thenComparingInt(TopicIdPartition::partition))
        .toList();
  }

  static PartitionKey key(TopicIdPartition partition) {
    return PartitionKey.newBuilder()
        .setTopicId(UuidBytes.of(partition.topicId()))
        .setPartition(partition.partition())
        .build();
  }

  static List<TopicIdPartition> partitions(List<PartitionKey> keys) {
    return keys.stream().map(AdminCommandCodec::partition).toList();
  }

  static TopicIdPartition partition(PartitionKey key) {
    return new TopicIdPartition(UuidBytes.uuid(key.getTopicId()), key.getPartition());
  }
}
