package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** One command of each kind and more, with nothing left at its default. */
final class CommandSamples {
  private static final UUID TOPIC = new UUID(7, 7);
  private static final TopicIdPartition ID = new TopicIdPartition(TOPIC, 0);

  private CommandSamples() {}

  static List<MetadataCommand> of(MetadataCommand.Kind kind) {
    return switch (kind) {
      case FORMAT_CLUSTER -> List.of(new FormatCluster("c", Map.of("metadata.version", 1)));
      case REGISTER_BROKER ->
          List.of(
              register(1, 4, 5, new LastRun(3, 4)),
              register(1, 4, 5, new LastRun(3, 4, Optional.of(Set.of(ID)))),
              register(1, 4, 5, new LastRun(3, 4, Optional.of(Set.of()))));
      case FENCE_BROKER -> List.of(new FenceBroker(1, 2));
      case STOP_BROKER -> List.of(new StopBroker(1, 2));
      case CREATE_TOPIC ->
          List.of(
              new CreateTopic(
                  "t", TOPIC, List.of(List.of(1, 2)), Map.of("min.insync.replicas", "2")));
      case DELETE_TOPIC -> List.of(new DeleteTopic(TOPIC));
      case CONFIRM_REMOVAL -> List.of(new ConfirmRemoval(1, 2, List.of(TOPIC)));
      case ALTER_ISR ->
          List.of(
              new AlterIsr(
                  List.of(
                      new AlterIsr.Change(
                          TOPIC,
                          0,
                          3,
                          4,
                          List.of(new AlterIsr.Member(1, 2)),
                          new LeftOut(List.of(2), List.of(3))))));
      case ALLOCATE_PRODUCER_IDS -> List.of(new AllocateProducerIds(1, 2, 100));
      case REPORT_LOG_ENDS ->
          List.of(new ReportLogEnds(1, 2, List.of(new ReportLogEnds.Report(TOPIC, 0, 3, 100, 90))));
      case ELECT_LONGEST -> List.of(new ElectLongest(TOPIC, 0, 3));
      case ALTER_TOPIC_CONFIGS ->
          List.of(
              new AlterTopicConfigs(TOPIC, Map.of("retention.ms", "5"), List.of("segment.bytes")));
      case ADD_PARTITIONS -> List.of(new AddPartitions(TOPIC, 1, List.of(List.of(1, 2))));
      case ELECT_LEADERS -> List.of(new ElectLeaders(List.of(ID)));
      case ALTER_REASSIGNMENTS ->
          List.of(
              new AlterReassignments(List.of(new AlterReassignments.Target(ID, List.of(2, 1)))));
      case CONFIRM_REPLICA_REMOVAL -> List.of(new ConfirmReplicaRemoval(1, 2, List.of(ID)));
      case ELECT_UNCLEAN -> List.of(new ElectUnclean(List.of(ID)));
      case DRAIN_BROKER -> List.of(new DrainBroker(1, true));
      case UNREGISTER_BROKER -> List.of(new UnregisterBroker(1, 2));
      case REPLICAS_OFFLINE ->
          List.of(
              new ReplicasOffline(1, 2, List.of(ID)), new ReplicasOffline(1, 2, List.of(ID), true));
      case REPORT_MISSING -> List.of(new ReportMissing(1, 2, ID, 3, 10, 20));
      case SIGN_OF_LIFE -> List.of(new SignOfLife(1, 2, List.of(3)));
      case ACKNOWLEDGE_LOSSES -> List.of(new AcknowledgeLosses(List.of(ID)));
      case UPDATE_FEATURES -> List.of(new UpdateFeatures(Map.of("metadata.version", 1)));
      case UNKNOWN -> List.of();
    };
  }

  private static RegisterBroker register(int id, long expectedEpoch, long start, LastRun lastRun) {
    return new RegisterBroker(
        id,
        new UUID(start, id),
        new UUID(2, id),
        lastRun,
        expectedEpoch,
        Map.of(ListenerName.BROKERS, new Endpoint("localhost", 9_000 + id)),
        "v",
        "rack",
        Feature.allSupported());
  }

  /**
   * A formatted cluster of the lowest level with two brokers and a topic, and what happens to it;
   * what it takes newer software for among that.
   */
  static List<MetadataCommand> history(List<Integer> steps) {
    ClusterState played = new ClusterState(ClusterImage.EMPTY);
    List<MetadataCommand> commands = new ArrayList<>();
    play(played, commands, new FormatCluster("c"));
    play(played, commands, register(1, -1, 0, LastRun.UNKNOWN));
    play(played, commands, register(2, -1, 0, LastRun.UNKNOWN));
    play(
        played,
        commands,
        new CreateTopic("t", TOPIC, List.of(List.of(1, 2)), Map.of("min.insync.replicas", "1")));
    for (int step : steps) {
      int broker = 1 + step / 8 % 2;
      long epoch = played.image().broker(broker).epoch();
      play(
          played,
          commands,
          switch (step % 8) {
            case 0 -> new FenceBroker(broker, epoch);
            case 1 -> register(broker, epoch, commands.size(), lastRun(epoch, step / 16 % 3));
            case 2 -> new ReplicasOffline(broker, epoch, List.of(ID));
            case 3, 4 -> new ReplicasOffline(broker, epoch, List.of(ID), true);
            case 5 ->
                new ReportLogEnds(
                    broker, epoch, List.of(new ReportLogEnds.Report(TOPIC, 0, 1, step, -1)));
            case 6 -> new AlterTopicConfigs(TOPIC, Map.of("retention.ms", step + ""), List.of());
            default -> new AcknowledgeLosses(List.of(ID));
          });
    }
    return commands;
  }

  private static LastRun lastRun(long epoch, int how) {
    return switch (how) {
      case 0 -> LastRun.stopped(epoch);
      case 1 -> new LastRun(epoch, -1, Optional.of(Set.of(ID)));
      default -> LastRun.killed(epoch);
    };
  }

  private static void play(
      ClusterState played, List<MetadataCommand> commands, MetadataCommand command) {
    commands.add(command);
    played.apply(commands.size(), command);
  }
}
