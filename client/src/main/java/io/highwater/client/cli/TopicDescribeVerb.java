package io.highwater.client.cli;

import io.highwater.client.IsrChange;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetSpec;
import io.highwater.client.PartitionDescription;
import io.highwater.client.RecordLoss;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code highwater topic describe}. */
@Command(
    name = "describe",
    description = "Say where a topic's partitions are and where their logs stand.")
final class TopicDescribeVerb implements Callable<Integer> {
  /** Offsets are null where no leader tells them, the change where none was seen. */
  private record Partition(
      int partition,
      int leader,
      int leaderEpoch,
      List<Integer> replicas,
      List<Integer> inSyncReplicas,
      List<Integer> eligibleLeaderReplicas,
      List<Integer> addingReplicas,
      List<Integer> removingReplicas,
      Long logStartOffset,
      Long highWatermark,
      Long logEndOffset,
      IsrChange lastIsrChange,
      List<RecordLoss> losses,
      String leaderlessReason) {}

  private record Topic(
      String name, UUID topicId, Map<String, String> configs, List<Partition> partitions) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  TopicDescribeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      TopicDescription topic = admin.describeTopic(name);
      List<Partition> partitions = new ArrayList<>();
      for (PartitionDescription partition : topic.partitions()) {
        partitions.add(described(topic, partition, offsets(admin, partition)));
      }
      Topic described =
          new Topic(name, topic.topicId(), new TreeMap<>(topic.configs()), partitions);
      output.print(streams, described, () -> text(described));
    }
    return CliError.DONE;
  }

  /** One partition at a time, so that one without a leader hides no other's offsets. */
  private OffsetListing offsets(Admin admin, PartitionDescription partition) {
    if (!partition.hasLeader()) {
      return null;
    }
    TopicPartition id = new TopicPartition(name, partition.partition());
    try {
      return admin.listOffsets(Map.of(id, OffsetSpec.LOG_END)).get(id);
    } catch (HighwaterException e) {
      streams.err().println(CliError.line(e.code().name(), id + ": " + e.getMessage()));
      return null;
    }
  }

  private static Partition described(
      TopicDescription topic, PartitionDescription p, OffsetListing offsets) {
    return new Partition(
        p.partition(),
        p.leaderId(),
        p.leaderEpoch(),
        p.replicas(),
        p.inSyncReplicas(),
        p.eligibleLeaderReplicas(),
        p.addingReplicas(),
        p.removingReplicas(),
        offsets == null ? null : offsets.logStartOffset(),
        offsets == null ? null : offsets.highWatermark(),
        offsets == null ? null : offsets.offset(),
        topic.isrChanges().stream()
            .filter(change -> change.partition() == p.partition())
            .findFirst()
            .orElse(null),
        topic.losses().stream().filter(loss -> loss.partition() == p.partition()).toList(),
        p.leaderlessReason());
  }

  private static String text(Topic topic) {
    Table table =
        new Table("PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "LOG START", "HW", "LEO");
    for (Partition p : topic.partitions) {
      table.row(
          p.partition,
          p.leader == PartitionDescription.NO_LEADER ? "none" : p.leader,
          p.leaderEpoch,
          join(p.replicas),
          join(p.inSyncReplicas),
          orDash(p.logStartOffset),
          orDash(p.highWatermark),
          orDash(p.logEndOffset));
    }
    StringBuilder text = new StringBuilder("topic " + topic.name + "  id " + topic.topicId + "\n");
    topic.configs.forEach((key, value) -> text.append("config ").append(key + "=" + value + "\n"));
    text.append(table);
    for (Partition p : topic.partitions) {
      if (!p.addingReplicas.isEmpty() || !p.removingReplicas.isEmpty()) {
        text.append("partition ").append(p.partition).append(" is moving: adding ");
        text.append(join(p.addingReplicas)).append(", removing ");
        text.append(join(p.removingReplicas)).append('\n');
      }
      if (!p.leaderlessReason.isEmpty()) {
        text.append("partition ").append(p.partition).append(": ");
        text.append(p.leaderlessReason).append('\n');
      }
      if (p.lastIsrChange != null) {
        text.append("isr of ").append(p.partition).append(" changed ");
        text.append(Instant.ofEpochMilli(p.lastIsrChange.timeMs())).append(": ");
        text.append(p.lastIsrChange.reason()).append('\n');
      }
      for (RecordLoss loss : p.losses) {
        text.append(loss.isHarmless() ? "election in " : "loss in ")
            .append(p.partition)
            .append(": ");
        text.append(loss.text()).append(loss.acknowledged() ? " (acknowledged)\n" : "\n");
      }
    }
    return text.toString();
  }

  static String join(List<Integer> nodes) {
    return nodes.isEmpty() ? "-" : String.join(",", nodes.stream().map(String::valueOf).toList());
  }

  private static String orDash(Long offset) {
    return offset == null || offset < 0 ? "-" : offset.toString();
  }
}
