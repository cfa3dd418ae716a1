package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.AddPartitions;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** What a topic must fulfil to be created, or to grow. Pure. */
final class TopicRules {
  /** Longest name: with partition number and suffix it is still a legal file name. */
  static final int MAX_NAME_LENGTH = 249;

  /** Most partitions that one topic may have. */
  static final int MAX_PARTITIONS = 10_000;

  private TopicRules() {}

  /** The rejection of a command that may not be applied to the image, or empty. */
  static Optional<Rejected> check(long index, CreateTopic command, ClusterImage image) {
    Optional<String> badName = nameProblem(command.name());
    if (badName.isPresent()) {
      return rejected(index, ErrorCode.INVALID_TOPIC_EXCEPTION, badName.get());
    }
    if (image.topic(command.name()) != null) {
      return rejected(
          index, ErrorCode.TOPIC_ALREADY_EXISTS, "topic '" + command.name() + "' exists already");
    }
    if (image.topic(command.topicId()) != null || image.deletedTopic(command.topicId()) != null) {
      return rejected(
          index, ErrorCode.INVALID_REQUEST, "topic id " + command.topicId() + " was used before");
    }
    int partitions = command.assignments().size();
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      return rejected(
          index,
          ErrorCode.INVALID_PARTITIONS,
          "a topic has 1 to " + MAX_PARTITIONS + " partitions, not " + partitions);
    }
    Optional<String> badConfig = TopicConfigs.problem(command.configs());
    if (badConfig.isPresent()) {
      return rejected(index, ErrorCode.INVALID_CONFIG, badConfig.get());
    }
    return checkAssignments(index, command.assignments(), image);
  }

  /** The rejection of new partitions that the topic may not have, or empty. */
  static Optional<Rejected> check(
      long index, AddPartitions command, TopicImage topic, ClusterImage image) {
    int present = topic.partitions().size();
    if (command.present() != present) {
      return rejected(
          index,
          ErrorCode.INVALID_UPDATE_VERSION,
          "the topic has " + present + " partitions, not " + command.present());
    }
    int partitions = present + command.assignments().size();
    if (partitions == present || partitions > MAX_PARTITIONS) {
      return rejected(
          index,
          ErrorCode.INVALID_PARTITIONS,
          "a topic of "
              + present
              + " partitions grows, to at most "
              + MAX_PARTITIONS
              + ", not to "
              + partitions);
    }
    return checkAssignments(index, command.assignments(), image);
  }

  /** What is wrong with a topic's name, or empty. */
  static Optional<String> nameProblem(String name) {
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      return Optional.of(
          "a topic's name has 1 to " + MAX_NAME_LENGTH + " characters, not " + name.length());
    }
    if (name.equals(".") || name.equals("..")) {
      return Optional.of("a topic cannot be named '" + name + "'");
    }
    if (!name.chars().allMatch(TopicRules::isLegal)) {
      return Optional.of(
          "a topic's name is made of ASCII letters, digits, '.', '_' and '-' only: '" + name + "'");
    }
    return Optional.empty();
  }

  private static boolean isLegal(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  private static Optional<Rejected> checkAssignments(
      long index, List<List<Integer>> assignments, ClusterImage image) {
    int factor = assignments.get(0).size();
    for (List<Integer> replicas : assignments) {
      if (replicas.isEmpty()
          || replicas.size() != factor
          || new HashSet<>(replicas).size() != replicas.size()) {
        return rejected(
            index,
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "every partition needs the same number of different replicas: " + replicas);
      }
      for (int replica : replicas) {
        BrokerRegistration broker = image.broker(replica);
        if (broker == null || !broker.electable()) {
          return rejected(
              index, ErrorCode.BROKER_NOT_AVAILABLE, "broker " + replica + " is not available");
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Rejected> rejected(long index, ErrorCode error, String text) {
    return Optional.of(new Rejected(index, error, text));
  }
}
