package io.highwater.client.cli;

import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater topic list}. */
@Command(name = "list", description = "List the topics.")
final class TopicListVerb implements Callable<Integer> {
  private record Entry(String name, UUID topicId, int partitions, int replicationFactor) {}

  private final CliStreams streams;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  TopicListVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      List<Entry> topics =
          admin.describeTopics(List.of()).topics().stream()
              .map(t -> new Entry(t.name(), t.topicId(), t.partitions().size(), replicas(t)))
              .toList();
      output.print(streams, topics, () -> table(topics));
    }
    return CliError.DONE;
  }

  /** The replicas of a topic's first partition: those of all, until partitions are reassigned. */
  static int replicas(TopicDescription topic) {
    return topic.partitions().isEmpty() ? 0 : topic.partitions().get(0).replicas().size();
  }

  private static String table(List<Entry> topics) {
    Table table = new Table("TOPIC", "PARTITIONS", "REPLICAS");
    topics.forEach(topic -> table.row(topic.name, topic.partitions, topic.replicationFactor));
    return table.toString();
  }
}
