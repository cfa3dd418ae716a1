package io.highwater.replication.control;

import com.google.protobuf.InvalidProtocolBufferException;
import io.highwater.proto.internal.v1.AllocateProducerIdsRecord;
import io.highwater.proto.internal.v1.AlterIsrRecord;
import io.highwater.proto.internal.v1.BrokerEndpoint;
import io.highwater.proto.internal.v1.ConfigEntry;
import io.highwater.proto.internal.v1.ConfirmRemovalRecord;
import io.highwater.proto.internal.v1.CreateTopicRecord;
import io.highwater.proto.internal.v1.DeleteTopicRecord;
import io.highwater.proto.internal.v1.ElectLongestRecord;
import io.highwater.proto.internal.v1.FenceBrokerRecord;
import io.highwater.proto.internal.v1.FormatClusterRecord;
import io.highwater.proto.internal.v1.IsrChange;
import io.highwater.proto.internal.v1.IsrMember;
import io.highwater.proto.internal.v1.KnownReplicas;
import io.highwater.proto.internal.v1.LogEndReport;
import io.highwater.proto.internal.v1.MetadataRecord;
import io.highwater.proto.internal.v1.RegisterBrokerRecord;
import io.highwater.proto.internal.v1.ReplicaAssignment;
import io.highwater.proto.internal.v1.ReplicasOfflineRecord;
import io.highwater.proto.internal.v1.ReportLogEndsRecord;
import io.highwater.proto.internal.v1.ReportMissingRecord;
import io.highwater.proto.internal.v1.SignOfLifeRecord;
import io.highwater.proto.internal.v1.StopBrokerRecord;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import io.highwater.replication.control.MetadataCommand.Unknown;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Commands as entries of the log: {@code highwater/internal/v1/metadata_log.proto}. */
public final class CommandCodec {
  private CommandCodec() {}

  /** The command's bytes. */
  public static byte[] encode(MetadataCommand command) {
    MetadataRecord.Builder record = MetadataRecord.newBuilder();
    switch (command.kind()) {
      case FORMAT_CLUSTER ->
          record.setFormatCluster(
              FormatClusterRecord.newBuilder()
                  .setClusterId(((FormatCluster) command).clusterId())
                  .addAllLevels(FeatureCodec.levels(((FormatCluster) command).levels())));
      case REGISTER_BROKER -> record.setRegisterBroker(register((RegisterBroker) command));
      case FENCE_BROKER -> {
        FenceBroker fence = (FenceBroker) command;
        record.setFenceBroker(
            FenceBrokerRecord.newBuilder()
                .setBrokerId(fence.brokerId())
                .setBrokerEpoch(fence.brokerEpoch()));
      }
      case STOP_BROKER -> {
        StopBroker stop = (StopBroker) command;
        record.setStopBroker(
            StopBrokerRecord.newBuilder()
                .setBrokerId(stop.brokerId())
                .setBrokerEpoch(stop.brokerEpoch()));
      }
      case CREATE_TOPIC -> record.setCreateTopic(create((CreateTopic) command));
      case DELETE_TOPIC ->
          record.setDeleteTopic(
              DeleteTopicRecord.newBuilder()
                  .setTopicId(UuidBytes.of(((DeleteTopic) command).topicId())));
      case CONFIRM_REMOVAL -> {
        ConfirmRemoval confirm = (ConfirmRemoval) command;
        record.setConfirmRemoval(
            ConfirmRemovalRecord.newBuilder()
                .setBrokerId(confirm.brokerId())
                .setBrokerEpoch(confirm.brokerEpoch())
                .addAllTopicIds(confirm.topicIds().stream().map(UuidBytes::of).toList()));
      }
      case ALTER_ISR -> record.setAlterIsr(alterIsr((AlterIsr) command));
      case ALLOCATE_PRODUCER_IDS -> {
        AllocateProducerIds allocate = (AllocateProducerIds) command;
        record.setAllocateProducerIds(
            AllocateProducerIdsRecord.newBuilder()
                .setBrokerId(allocate.brokerId())
                .setBrokerEpoch(allocate.brokerEpoch())
                .setCount(allocate.count()));
      }
      case REPORT_LOG_ENDS -> record.setReportLogEnds(report((ReportLogEnds) command));
      case ELECT_LONGEST -> {
        ElectLongest elect = (ElectLongest) command;
        record.setElectLongest(
            ElectLongestRecord.newBuilder()
                .setTopicId(UuidBytes.of(elect.topicId()))
                .setPartition(elect.partition())
                .setLeaderEpoch(elect.leaderEpoch()));
      }
      case REPLICAS_OFFLINE -> {
        ReplicasOffline offline = (ReplicasOffline) command;
        record.setReplicasOffline(
            ReplicasOfflineRecord.newBuilder()
                .setBrokerId(offline.brokerId())
                .setBrokerEpoch(offline.brokerEpoch())
                .addAllReplicas(AdminCommandCodec.keys(offline.replicas()))
                .setAbsent(offline.absent()));
      }
      case SIGN_OF_LIFE -> {
        SignOfLife life = (SignOfLife) command;
        record.setSignOfLife(
            SignOfLifeRecord.newBuilder()
                .setBrokerId(life.brokerId())
                .setBrokerEpoch(life.brokerEpoch())
                .addAllUnheardControllers(life.unheardControllers()));
      }
      case ALTER_TOPIC_CONFIGS,
          ADD_PARTITIONS,
          ELECT_LEADERS,
          ELECT_UNCLEAN,
          ALTER_REASSIGNMENTS,
          CONFIRM_REPLICA_REMOVAL,
          DRAIN_BROKER,
          UNREGISTER_BROKER,
          ACKNOWLEDGE_LOSSES,
          UPDATE_FEATURES ->
          AdminCommandCodec.encode(command, record);
      case UNKNOWN -> throw new IllegalArgumentException("nobody submits what is not known");
      case REPORT_MISSING -> record.setReportMissing(missing((ReportMissing) command));
    }
    return record.build().toByteArray();
  }

  /**
   * Reads a command back: {@link Unknown} when it is one of newer software, or has fields that only
   * newer software knows.
   *
   * @throws IllegalArgumentException when the bytes are no command
   */
  public static MetadataCommand decode(byte[] bytes) {
    MetadataRecord record;
    try {
      record = MetadataRecord.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a metadata command", e);
    }
    Optional<String> unknown = UnknownFields.in(record);
    if (unknown.isPresent()) {
      return new Unknown("a metadata command of newer software: " + unknown.get());
    }
    return switch (record.getCommandCase()) {
      case FORMAT_CLUSTER ->
          new FormatCluster(
              record.getFormatCluster().getClusterId(),
              FeatureCodec.levels(record.getFormatCluster().getLevelsList()));
      case REGISTER_BROKER -> register(record.getRegisterBroker());
      case FENCE_BROKER ->
          new FenceBroker(
              record.getFenceBroker().getBrokerId(), record.getFenceBroker().getBrokerEpoch());
      case STOP_BROKER ->
          new StopBroker(
              record.getStopBroker().getBrokerId(), record.getStopBroker().getBrokerEpoch());
      case CREATE_TOPIC -> create(record.getCreateTopic());
      case DELETE_TOPIC -> new DeleteTopic(UuidBytes.uuid(record.getDeleteTopic().getTopicId()));
      case CONFIRM_REMOVAL ->
          new ConfirmRemoval(
              record.getConfirmRemoval().getBrokerId(),
              record.getConfirmRemoval().getBrokerEpoch(),
              record.getConfirmRemoval().getTopicIdsList().stream().map(UuidBytes::uuid).toList());
      case ALTER_ISR ->
          new AlterIsr(
              record.getAlterIsr().getChangesList().stream().map(CommandCodec::change).toList());
      case ALLOCATE_PRODUCER_IDS ->
          new AllocateProducerIds(
              record.getAllocateProducerIds().getBrokerId(),
              record.getAllocateProducerIds().getBrokerEpoch(),
              record.getAllocateProducerIds().getCount());
      case REPORT_LOG_ENDS ->
          new ReportLogEnds(
              record.getReportLogEnds().getBrokerId(),
              record.getReportLogEnds().getBrokerEpoch(),
              record.getReportLogEnds().getReportsList().stream()
                  .map(CommandCodec::report)
                  .toList());
      case ELECT_LONGEST ->
          new ElectLongest(
              UuidBytes.uuid(record.getElectLongest().getTopicId()),
              record.getElectLongest().getPartition(),
              record.getElectLongest().getLeaderEpoch());
      case ALTER_TOPIC_CONFIGS,
          ADD_PARTITIONS,
          ELECT_LEADERS,
          ELECT_UNCLEAN,
          ALTER_REASSIGNMENTS,
          CONFIRM_REPLICA_REMOVAL,
          DRAIN_BROKER,
          UNREGISTER_BROKER,
          ACKNOWLEDGE_LOSSES,
          UPDATE_FEATURES ->
          AdminCommandCodec.decode(record);
      case REPLICAS_OFFLINE ->
          new ReplicasOffline(
              record.getReplicasOffline().getBrokerId(),
              record.getReplicasOffline().getBrokerEpoch(),
              AdminCommandCodec.partitions(record.getReplicasOffline().getReplicasList()),
              record.getReplicasOffline().getAbsent());
      case REPORT_MISSING -> missing(record.getReportMissing());
      case SIGN_OF_LIFE ->
          new SignOfLife(
              record.getSignOfLife().getBrokerId(),
              record.getSignOfLife().getBrokerEpoch(),
              record.getSignOfLife().getUnheardControllersList());
      case COMMAND_NOT_SET -> throw new IllegalArgumentException("an empty metadata command");
    };
  }

  private static RegisterBrokerRecord register(RegisterBroker command) {
    RegisterBrokerRecord.Builder record = RegisterBrokerRecord.newBuilder();
    LastRun lastRun = command.lastRun();
    if (lastRun.killedEpoch() >= 0) {
      record.setKilledBrokerEpoch(lastRun.killedEpoch());
    }
    lastRun
        .only()
        .ifPresent(
            replicas ->
                record.setLastRunOf(
                    KnownReplicas.newBuilder()
                        .addAllReplicas(
                            AdminCommandCodec.keys(AdminCommandCodec.inOrder(replicas)))));
    return record
        .setBrokerId(command.brokerId())
        .setIncarnation(UuidBytes.of(command.incarnation()))
        .setDirectoryId(UuidBytes.of(command.directoryId()))
        .setPreviousBrokerEpoch(lastRun.cleanEpoch())
        .addAllEndpoints(endpoints(command.endpoints()))
        .setVersion(command.version())
        .setRack(command.rack())
        .setExpectedBrokerEpoch(command.expectedBrokerEpoch())
        .addAllFeatures(FeatureCodec.ranges(command.features()))
        .build();
  }

  private static RegisterBroker register(RegisterBrokerRecord record) {
    return new RegisterBroker(
        record.getBrokerId(),
        UuidBytes.uuid(record.getIncarnation()),
        UuidBytes.uuid(record.getDirectoryId()),
        new LastRun(
            record.getPreviousBrokerEpoch(),
            record.hasKilledBrokerEpoch() ? record.getKilledBrokerEpoch() : -1,
            record.hasLastRunOf()
                ? Optional.of(
                    Set.copyOf(
                        AdminCommandCodec.partitions(record.getLastRunOf().getReplicasList())))
                : Optional.empty()),
        record.getExpectedBrokerEpoch(),
        endpoints(record.getEndpointsList()),
        record.getVersion(),
        record.getRack(),
        FeatureCodec.ranges(record.getFeaturesList()));
  }

  static List<BrokerEndpoint> endpoints(Map<ListenerName, Endpoint> endpoints) {
    return new TreeMap<>(endpoints)
        .entrySet().stream()
            .map(
                e ->
                    BrokerEndpoint.newBuilder()
                        .setListener(e.getKey().name())
                        .setHost(e.getValue().host())
                        .setPort(e.getValue().port())
                        .build())
            .toList();
  }

  static Map<ListenerName, Endpoint> endpoints(List<BrokerEndpoint> records) {
    Map<ListenerName, Endpoint> endpoints = new EnumMap<>(ListenerName.class);
    for (BrokerEndpoint record : records) {
      endpoints.put(
          ListenerName.valueOf(record.getListener()),
          new Endpoint(record.getHost(), record.getPort()));
    }
    return endpoints;
  }

  private static CreateTopicRecord create(CreateTopic command) {
    return CreateTopicRecord.newBuilder()
        .setName(command.name())
        .setTopicId(UuidBytes.of(command.topicId()))
        .addAllAssignments(
            command.assignments().stream()
                .map(ids -> ReplicaAssignment.newBuilder().addAllBrokerIds(ids).build())
                .toList())
        .addAllConfigs(configs(command.configs()))
        .build();
  }

  private static CreateTopic create(CreateTopicRecord record) {
    return new CreateTopic(
        record.getName(),
        UuidBytes.uuid(record.getTopicId()),
        record.getAssignmentsList().stream().map(ReplicaAssignment::getBrokerIdsList).toList(),
        configs(record.getConfigsList()));
  }

  static List<ConfigEntry> configs(Map<String, String> configs) {
    return new TreeMap<>(configs)
        .entrySet().stream()
            .map(e -> ConfigEntry.newBuilder().setKey(e.getKey()).setValue(e.getValue()).build())
            .toList();
  }

  static Map<String, String> configs(List<ConfigEntry> entries) {
    Map<String, String> configs = new LinkedHashMap<>();
    entries.forEach(entry -> configs.put(entry.getKey(), entry.getValue()));
    return configs;
  }

  private static AlterIsrRecord alterIsr(AlterIsr command) {
    AlterIsrRecord.Builder record = AlterIsrRecord.newBuilder();
    for (AlterIsr.Change change : command.changes()) {
      IsrChange.Builder out =
          IsrChange.newBuilder()
              .setTopicId(UuidBytes.of(change.topicId()))
              .setPartition(change.partition())
              .setLeaderEpoch(change.leaderEpoch())
              .setPartitionEpoch(change.partitionEpoch())
              .addAllSilent(change.leftOut().silent())
              .addAllFull(change.leftOut().full());
      for (AlterIsr.Member member : change.isr()) {
        out.addIsr(
            IsrMember.newBuilder()
                .setBrokerId(member.brokerId())
                .setBrokerEpoch(member.brokerEpoch()));
      }
      record.addChanges(out);
    }
    return record.build();
  }

  private static AlterIsr.Change change(IsrChange record) {
    return new AlterIsr.Change(
        UuidBytes.uuid(record.getTopicId()),
        record.getPartition(),
        record.getLeaderEpoch(),
        record.getPartitionEpoch(),
        record.getIsrList().stream()
            .map(member -> new AlterIsr.Member(member.getBrokerId(), member.getBrokerEpoch()))
            .toList(),
        new LeftOut(record.getSilentList(), record.getFullList()));
  }

  private static ReportLogEndsRecord report(ReportLogEnds command) {
    ReportLogEndsRecord.Builder record =
        ReportLogEndsRecord.newBuilder()
            .setBrokerId(command.brokerId())
            .setBrokerEpoch(command.brokerEpoch());
    for (ReportLogEnds.Report report : command.reports()) {
      LogEndReport.Builder end =
          LogEndReport.newBuilder()
              .setTopicId(UuidBytes.of(report.topicId()))
              .setPartition(report.partition())
              .setLastEpoch(report.lastEpoch())
              .setLogEndOffset(report.logEndOffset());
      if (report.highWatermark() >= 0) {
        end.setHighWatermark(report.highWatermark());
      }
      record.addReports(end);
    }
    return record.build();
  }

  private static ReportLogEnds.Report report(LogEndReport record) {
    return new ReportLogEnds.Report(
        UuidBytes.uuid(record.getTopicId()),
        record.getPartition(),
        record.getLastEpoch(),
        record.getLogEndOffset(),
        record.hasHighWatermark() ? record.getHighWatermark() : -1);
  }

  private static ReportMissingRecord missing(ReportMissing command) {
    return ReportMissingRecord.newBuilder()
        .setBrokerId(command.brokerId())
        .setBrokerEpoch(command.brokerEpoch())
        .setPartition(AdminCommandCodec.key(command.partition()))
        .setLeaderEpoch(command.leaderEpoch())
        .setFromOffset(command.fromOffset())
        .setEndOffset(command.endOffset())
        .build();
  }

  private static ReportMissing missing(ReportMissingRecord record) {
    return new ReportMissing(
        record.getBrokerId(),
        record.getBrokerEpoch(),
        AdminCommandCodec.partition(record.getPartition()),
        record.getLeaderEpoch(),
        record.getFromOffset(),
        record.getEndOffset());
  }
}
