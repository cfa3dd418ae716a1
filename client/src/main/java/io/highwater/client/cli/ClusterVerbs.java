package io.highwater.client.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

/** The verbs that talk to a cluster, for the root of the command line. */
public final class ClusterVerbs {
  private ClusterVerbs() {}

  /**
   * Each verb by its name, in the order in which help lists them; made when it is asked for,
   * because reading what a verb can be told takes longer than many verbs run.
   *
   * @param streams what the verbs read and write
   * @param mainClass the command line's main class: quickstart starts brokers with its {@code
   *     broker} verb
   */
  public static Map<String, Supplier<Object>> of(CliStreams streams, String mainClass) {
    Map<String, Supplier<Object>> verbs = new LinkedHashMap<>();
    verbs.put("quickstart", () -> new QuickstartVerb(streams, mainClass));
    verbs.put("topic", () -> topic(streams));
    verbs.put("partition", () -> partition(streams));
    verbs.put("produce", () -> new ProduceVerb(streams));
    verbs.put("consume", () -> new ConsumeVerb(streams));
    verbs.put("cluster", () -> cluster(streams));
    return verbs;
  }

  private static CommandLine topic(CliStreams streams) {
    return VerbGroup.of(
        "topic",
        "Make, list, look at, change and unmake topics.",
        List.of(
            new TopicCreateVerb(streams),
            new TopicListVerb(streams),
            new TopicDescribeVerb(streams),
            new TopicAlterVerb(streams),
            new TopicAddPartitionsVerb(streams),
            new TopicReassignVerb(streams),
            new TopicDeleteVerb(streams),
            new TopicDeleteRecordsVerb(streams)));
  }

  private static CommandLine partition(CliStreams streams) {
    return VerbGroup.of(
        "partition", "Say who leads partitions.", List.of(new PartitionElectVerb(streams)));
  }

  private static CommandLine cluster(CliStreams streams) {
    return VerbGroup.of(
        "cluster",
        "Look at the cluster, compare its replicas, move its load, change its controllers.",
        List.of(
            new ClusterDescribeVerb(streams),
            new ClusterFeaturesVerb(streams),
            new ClusterUpgradeVerb(streams),
            new ClusterVerifyVerb(streams),
            new CommandLine(new ClusterLossesVerb(streams))
                .addSubcommand(new LossesAcknowledgeVerb(streams)),
            new ClusterDrainVerb(streams),
            new ClusterUnregisterVerb(streams),
            new ClusterRebalanceVerb(streams),
            new ClusterAddControllerVerb(streams),
            new ClusterRemoveControllerVerb(streams)));
  }
}
