package io.highwater.client.cli;

import io.highwater.client.BrokerDescription;
import io.highwater.client.ClusterDescription;
import io.highwater.client.SupportedLevels;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater cluster features}. */
@Command(
    name = "features",
    description =
        "Say at which levels of its features the cluster is, and which all brokers speak; 'cluster"
            + " upgrade' brings those in force.")
final class ClusterFeaturesVerb implements Callable<Integer> {
  private record Feature(String name, int level, int minSupported, int maxSupported) {
    private SupportedLevels supported() {
      return new SupportedLevels(minSupported, maxSupported);
    }
  }

  private record Broker(
      int nodeId, String version, boolean fenced, SortedMap<String, SupportedLevels> supported) {}

  private record Features(List<Feature> features, List<Broker> brokers) {}

  private final CliStreams streams;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterFeaturesVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      ClusterDescription cluster = admin.describeCluster();
      Features features =
          new Features(
              cluster.features().stream()
                  .map(
                      f ->
                          new Feature(
                              f.name(), f.level(), f.supported().min(), f.supported().max()))
                  .toList(),
              cluster.brokers().stream().map(ClusterFeaturesVerb::broker).toList());
      output.print(streams, features, () -> text(features));
    }
    return CliError.DONE;
  }

  private static Broker broker(BrokerDescription b) {
    return new Broker(b.nodeId(), b.version(), b.fenced(), b.features());
  }

  private static String text(Features all) {
    Table table = new Table("FEATURE", "LEVEL", "ALL BROKERS SPEAK");
    all.features.forEach(f -> table.row(f.name, f.level, f.supported()));
    Table brokers = new Table("NODE", "STATE", "FEATURE", "SPEAKS", "VERSION");
    for (Broker b : all.brokers) {
      b.supported.forEach(
          (name, levels) ->
              brokers.row(b.nodeId, b.fenced ? "fenced" : "up", name, levels, b.version));
    }
    return table + "" + brokers;
  }
}
