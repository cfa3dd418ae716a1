package io.highwater.client.cli;

import io.highwater.client.PartitionDescription;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater topic add-partitions}. */
@Command(
    name = "add-partitions",
    description = "Give a topic more partitions; see first with --dry-run where they go.")
final class TopicAddPartitionsVerb implements Callable<Integer> {
  private record Partition(int partition, List<Integer> replicas) {}

  private record Grown(String name, boolean dryRun, List<Partition> partitions) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      required = true,
      description = "How many it has then, more than now.")
  private int partitions;

  @Option(names = "--dry-run", description = "Say where they would go, and add nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  TopicAddPartitionsVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      TopicDescription topic = admin.addPartitions(name, partitions, dryRun);
      Grown grown =
          new Grown(
              topic.name(),
              dryRun,
              topic.partitions().stream().map(TopicAddPartitionsVerb::partition).toList());
      output.print(streams, grown, () -> text(grown));
    }
    return CliError.DONE;
  }

  private static Partition partition(PartitionDescription p) {
    return new Partition(p.partition(), p.replicas());
  }

  private static String text(Grown topic) {
    Table table = new Table("PARTITION", "REPLICAS");
    topic.partitions.forEach(p -> table.row(p.partition, TopicDescribeVerb.join(p.replicas)));
    return String.format(
        Locale.ROOT,
        "topic %s %s %d partitions\n%s",
        topic.name,
        topic.dryRun ? "would have" : "has",
        topic.partitions.size(),
        table);
  }
}
