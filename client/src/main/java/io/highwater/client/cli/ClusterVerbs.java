package io.highwater.client.cli;

import java.util.List;
import picocli.CommandLine;

/** The verbs that talk to a cluster, for the root of the command line. */
public final class ClusterVerbs {
  private ClusterVerbs() {}

  /**
   * Adds the verbs to the root.
   *
   * @param streams what the verbs read and write
   * @param mainClass the command line's main class: quickstart starts brokers with its {@code
   *     broker} verb
   */
  public static void addTo(CommandLine root, CliStreams streams, String mainClass) {
    root.addSubcommand(new QuickstartVerb(streams, mainClass));
    root.addSubcommand(
        VerbGroup.of(
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
                new TopicDeleteRecordsVerb(streams))));
    root.addSubcommand(
        VerbGroup.of(
            "partition", "Say who leads partitions.", List.of(new PartitionElectVerb(streams))));
    root.addSubcommand(new ProduceVerb(streams));
    root.addSubcommand(new ConsumeVerb(streams));
    root.addSubcommand(
        VerbGroup.of(
            "cluster",
            "Look at the cluster, compare its replicas, move its load, change its controllers.",
            List.of(
                new ClusterDescribeVerb(streams),
                new ClusterVerifyVerb(streams),
                new CommandLine(new ClusterLossesVerb(streams))
                    .addSubcommand(new LossesAcknowledgeVerb(streams)),
                new ClusterDrainVerb(streams),
                new ClusterUnregisterVerb(streams),
                new ClusterRebalanceVerb(streams),
                new ClusterAddControllerVerb(streams),
                new ClusterRemoveControllerVerb(streams))));
  }
}
