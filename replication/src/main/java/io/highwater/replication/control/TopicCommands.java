package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.AlterTopicConfigs;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Commands about whole topics. Pure. */
final class TopicCommands {
  private TopicCommands() {}

  static CommandResult apply(Entry entry, CreateTopic command) {
    Optional<Rejected> rejected = TopicRules.check(entry.index(), command, entry.found());
    if (rejected.isPresent()) {
      return rejected.get();
    }
    List<PartitionImage> partitions = new ArrayList<>();
    append(partitions, command.assignments());
    entry
        .edit()
        .put(new TopicImage(command.name(), command.topicId(), command.configs(), partitions));
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, DeleteTopic command) {
    TopicImage topic = entry.found().topic(command.topicId());
    if (topic == null) {
      return entry.unknownTopic(command.topicId());
    }
    TreeSet<Integer> holders = new TreeSet<>();
    for (PartitionImage partition : topic.partitions()) {
      holders.addAll(partition.replicas());
      holders.addAll(partition.moves().left());
    }
    entry.edit().remove(topic);
    entry.edit().put(new DeletedTopic(topic.id(), topic.name(), List.copyOf(holders)));
    List<TopicIdPartition> gone =
        topic.partitions().stream().map(p -> topic.idOf(p.partition())).toList();
    holders.forEach(broker -> entry.backOnline(broker, gone));
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, ConfirmRemoval command) {
    if (!entry.found().isActive(command.brokerId(), command.brokerEpoch())) {
      return entry.stale(command.brokerId(), command.brokerEpoch());
    }
    for (UUID id : command.topicIds()) {
      DeletedTopic deleted = entry.found().deletedTopic(id);
      if (deleted != null) {
        entry.edit().put(deleted.confirmedBy(command.brokerId()));
      }
    }
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, AddPartitions command) {
    TopicImage topic = entry.found().topic(command.topicId());
    if (topic == null) {
      return entry.unknownTopic(command.topicId());
    }
    Optional<Rejected> rejected = TopicRules.check(entry.index(), command, topic, entry.found());
    if (rejected.isPresent()) {
      return rejected.get();
    }
    List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
    append(partitions, command.assignments());
    entry.edit().put(new TopicImage(topic.name(), topic.id(), topic.configs(), partitions));
    return entry.accepted();
  }

  private static void append(List<PartitionImage> partitions, List<List<Integer>> assignments) {
    for (List<Integer> replicas : assignments) {
      partitions.add(PartitionImage.created(partitions.size(), replicas));
    }
  }

  static CommandResult apply(Entry entry, AlterTopicConfigs command) {
    TopicImage topic = entry.found().topic(command.topicId());
    if (topic == null) {
      return entry.unknownTopic(command.topicId());
    }
    for (String key : command.delete()) {
      Optional<String> unknown = TopicConfigs.unknown(key);
      if (unknown.isPresent() || command.set().containsKey(key)) {
        return entry.rejected(
            ErrorCode.INVALID_CONFIG,
            unknown.orElse("topic setting '" + key + "' is to be set and deleted at once"));
      }
    }
    Map<String, String> configs = new TreeMap<>(topic.configs());
    configs.keySet().removeAll(command.delete());
    configs.putAll(command.set());
    Optional<String> problem =
        TopicConfigs.problem(configs).or(() -> TopicConfigs.fixed(topic.configs(), configs));
    if (problem.isPresent()) {
      return entry.rejected(ErrorCode.INVALID_CONFIG, problem.get());
    }
    if (!configs.equals(topic.configs())) {
      alter(entry, topic, configs);
    }
    return entry.accepted();
  }

  private static void alter(Entry entry, TopicImage topic, Map<String, String> configs) {
    TopicImage altered = new TopicImage(topic.name(), topic.id(), configs, topic.partitions());
    // What counts as kept is fixed for an epoch (REP-7), so another promise begins another one.
    boolean newPromise = flushesInGroups(topic.configs()) != flushesInGroups(configs);
    List<PartitionImage> partitions = new ArrayList<>();
    for (PartitionImage before : topic.partitions()) {
      int minIsr = altered.minInSyncReplicas(before);
      boolean newMinimum = minIsr != topic.minInSyncReplicas(before);
      PartitionImage after = newMinimum ? IsrRules.resettled(before, minIsr) : before;
      if (newPromise && before.hasLeader()) {
        after = after.ledBy(before.leader());
      }
      // The assignment carries the minimum, so a leader's proposals under the old one are void.
      boolean changed = newMinimum || !after.equals(before) || before.moves().underWay();
      partitions.add(changed ? entry.settled(altered, after) : before);
    }
    entry.edit().put(new TopicImage(topic.name(), topic.id(), configs, partitions));
  }

  private static boolean flushesInGroups(Map<String, String> configs) {
    return TopicConfigs.flushPolicy(configs).equals(TopicConfigs.FLUSH_GROUP);
  }
}
