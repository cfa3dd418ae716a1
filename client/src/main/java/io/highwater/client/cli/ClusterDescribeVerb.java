package io.highwater.client.cli;

import io.highwater.client.BrokerDescription;
import io.highwater.client.ClusterDescription;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater cluster describe}. */
@Command(name = "describe", description = "Say which brokers there are and who is the controller.")
final class ClusterDescribeVerb implements Callable<Integer> {
  private record Broker(
      int nodeId, String host, int port, long brokerEpoch, boolean fenced, String version) {}

  private record Cluster(
      String clusterId,
      int controllerId,
      long metadataOffset,
      String metadataHash,
      List<Broker> brokers) {}

  private final CliStreams streams;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterDescribeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      ClusterDescription found = admin.describeCluster();
      Cluster cluster =
          new Cluster(
              found.clusterId(),
              found.controllerId(),
              found.metadataOffset(),
              found.metadataHash(),
              found.brokers().stream().map(ClusterDescribeVerb::broker).toList());
      output.print(streams, cluster, () -> text(cluster));
    }
    return CliError.DONE;
  }

  private static Broker broker(BrokerDescription b) {
    return new Broker(
        b.nodeId(),
        b.address().host(),
        b.address().port(),
        b.brokerEpoch(),
        b.fenced(),
        b.version());
  }

  private static String text(Cluster cluster) {
    Table table = new Table("NODE", "ADDRESS", "STATE", "EPOCH", "VERSION");
    for (Broker b : cluster.brokers) {
      table.row(
          b.nodeId, b.host + ":" + b.port, b.fenced ? "fenced" : "up", b.brokerEpoch, b.version);
    }
    String controller = cluster.controllerId < 0 ? "none" : "node " + cluster.controllerId;
    return "cluster " + cluster.clusterId + "  controller " + controller + "\n" + table;
  }
}
