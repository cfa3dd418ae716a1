package io.highwater.client.cli;

import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerDescription;
import io.highwater.client.ClusterDescription;
import io.highwater.client.ControllerDescription;
import io.highwater.client.PartitionDescription;
import io.highwater.client.QuorumDescription;
import io.highwater.client.RecordLoss;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater cluster describe}. */
@Command(name = "describe", description = "Say which brokers there are and who is the controller.")
final class ClusterDescribeVerb implements Callable<Integer> {
  private record Broker(
      int nodeId,
      String host,
      int port,
      long brokerEpoch,
      boolean fenced,
      String version,
      String rack,
      boolean draining,
      boolean diskFull,
      long leaders,
      long replicas) {
    private String state() {
      return (fenced ? "fenced" : "up")
          + (draining ? ",draining" : "")
          + (diskFull ? ",disk-full" : "");
    }
  }

  private record Controller(
      int nodeId, String host, int port, String role, boolean live, boolean active) {
    private static Controller of(ControllerDescription c, String role, int activeId) {
      return new Controller(
          c.nodeId(),
          c.address().host(),
          c.address().port(),
          role,
          c.live(),
          c.nodeId() == activeId);
    }

    private String state() {
      return active ? "active" : live ? "up" : "silent";
    }
  }

  /** The controllers are null where no active one tells them. */
  private record Cluster(
      String clusterId,
      int controllerId,
      long metadataOffset,
      String metadataHash,
      Map<String, Integer> features,
      List<Broker> brokers,
      List<Controller> controllers,
      int partitions,
      List<String> offlinePartitions,
      List<String> underReplicatedPartitions,
      List<String> movingPartitions,
      long uncleanLeaderElections,
      long longestLogElections,
      long missingRecordsFound,
      List<String> lossyPartitions,
      List<String> acknowledgedLosses,
      long partitionsKilledWhole) {}

  private record Placed(String name, PartitionDescription partition, List<RecordLoss> losses) {
    private boolean isLossy() {
      return losses.stream().anyMatch(RecordLoss::isOpen);
    }

    private boolean isAcknowledged() {
      return losses.stream().anyMatch(RecordLoss::acknowledged);
    }

    private boolean wasKilledWhole() {
      return losses.stream().anyMatch(loss -> loss.cause() == RecordLoss.Cause.ALL_KILLED);
    }
  }

  private final CliStreams streams;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterDescribeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      Cluster cluster = cluster(admin.describeCluster(), controllers(admin), placed(admin));
      output.print(streams, cluster, () -> text(cluster));
    }
    return CliError.DONE;
  }

  private List<Controller> controllers(Admin admin) {
    QuorumDescription quorum;
    try {
      quorum = admin.describeQuorum();
    } catch (HighwaterException e) {
      streams.err().println(CliError.line(e.code().name(), e.getMessage()));
      return null;
    }
    Stream<Controller> voters =
        quorum.voters().stream().map(c -> Controller.of(c, "voter", quorum.leaderId()));
    Stream<Controller> standbys =
        quorum.standbys().stream().map(c -> Controller.of(c, "standby", quorum.leaderId()));
    return Stream.concat(voters, standbys).toList();
  }

  private static List<Placed> placed(Admin admin) {
    return admin.describeTopics(List.of()).topics().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(
                        p -> new Placed(topic.name() + "-" + p.partition(), p, lossesOf(topic, p))))
        .toList();
  }

  private static List<RecordLoss> lossesOf(TopicDescription topic, PartitionDescription partition) {
    return topic.losses().stream()
        .filter(loss -> loss.partition() == partition.partition())
        .toList();
  }

  private static Cluster cluster(
      ClusterDescription found, List<Controller> controllers, List<Placed> placed) {
    return new Cluster(
        found.clusterId(),
        found.controllerId(),
        found.metadataOffset(),
        found.metadataHash(),
        levels(found),
        found.brokers().stream().map(b -> broker(b, placed)).toList(),
        controllers,
        placed.size(),
        names(placed, p -> !p.hasLeader()),
        names(placed, p -> !p.inSyncReplicas().containsAll(p.targetReplicas())),
        names(placed, PartitionDescription::isMoving),
        found.uncleanLeaderElections(),
        found.longestLogElections(),
        found.missingRecordsFound(),
        placed.stream().filter(Placed::isLossy).map(Placed::name).toList(),
        placed.stream().filter(Placed::isAcknowledged).map(Placed::name).toList(),
        placed.stream().filter(Placed::wasKilledWhole).count());
  }

  private static Map<String, Integer> levels(ClusterDescription found) {
    Map<String, Integer> levels = new LinkedHashMap<>();
    found.features().forEach(feature -> levels.put(feature.name(), feature.level()));
    return levels;
  }

  private static List<String> names(List<Placed> placed, Predicate<PartitionDescription> which) {
    return placed.stream().filter(p -> which.test(p.partition)).map(Placed::name).toList();
  }

  private static Broker broker(BrokerDescription b, List<Placed> placed) {
    return new Broker(
        b.nodeId(),
        b.address().host(),
        b.address().port(),
        b.brokerEpoch(),
        b.fenced(),
        b.version(),
        b.rack(),
        b.draining(),
        placed.stream().anyMatch(p -> p.partition.fullReplicas().contains(b.nodeId())),
        placed.stream().filter(p -> p.partition.leaderId() == b.nodeId()).count(),
        placed.stream().filter(p -> p.partition.replicas().contains(b.nodeId())).count());
  }

  private static String text(Cluster cluster) {
    Table table =
        new Table("NODE", "ADDRESS", "STATE", "EPOCH", "RACK", "LEADERS", "REPLICAS", "VERSION");
    for (Broker b : cluster.brokers) {
      table.row(
          b.nodeId,
          new BrokerAddress(b.host, b.port),
          b.state(),
          b.brokerEpoch,
          b.rack.isEmpty() ? "-" : b.rack,
          b.leaders,
          b.replicas,
          b.version);
    }
    String controller = cluster.controllerId < 0 ? "none" : "node " + cluster.controllerId;
    return "cluster "
        + cluster.clusterId
        + "  controller "
        + controller
        + features(cluster)
        + "\n"
        + table
        + controllers(cluster)
        + "partitions "
        + cluster.partitions
        + NamesLine.of("offline", cluster.offlinePartitions)
        + NamesLine.of("under-replicated", cluster.underReplicatedPartitions)
        + NamesLine.of("moving", cluster.movingPartitions)
        + losses(cluster)
        + "\n";
  }

  private static String features(Cluster cluster) {
    StringBuilder text = new StringBuilder();
    cluster.features.forEach(
        (name, level) -> text.append("  ").append(name).append(' ').append(level));
    return text.toString();
  }

  private static String controllers(Cluster cluster) {
    if (cluster.controllers == null) {
      return "";
    }
    Table table = new Table("CONTROLLER", "ADDRESS", "ROLE", "STATE");
    for (Controller c : cluster.controllers) {
      table.row(c.nodeId, new BrokerAddress(c.host, c.port), c.role, c.state());
    }
    return table.toString();
  }

  /** As {@code topic describe} says more exactly of those that still exist. */
  private static String losses(Cluster cluster) {
    return counted("unclean leader elections", cluster.uncleanLeaderElections)
        + counted("elections of the longest log", cluster.longestLogElections)
        + counted("losses found by a replica", cluster.missingRecordsFound)
        + NamesLine.of("may have lost records:", cluster.lossyPartitions)
        + counted("partitions with acknowledged losses", cluster.acknowledgedLosses.size())
        + counted(
            "partitions whose brokers that were in sync last had all been killed while their machines"
                + " went on, or had their log directories away (nothing is missing unless log files"
                + " were replaced or removed):",
            cluster.partitionsKilledWhole);
  }

  private static String counted(String what, long count) {
    return count == 0 ? "" : "\n" + what + " " + count;
  }
}
