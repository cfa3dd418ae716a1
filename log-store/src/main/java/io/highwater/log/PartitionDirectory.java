package io.highwater.log;

import io.highwater.proto.TopicPartition;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of partition directories, as in Kafka: {@code <topic>-<partition>}; {@code
 * <topic>-<partition>.<topic id>-delete} on its way out; {@code …-stray} and {@code …-damaged} when
 * it was set aside.
 */
public final class PartitionDirectory {
  static final String DELETE_SUFFIX = "-delete";
  static final String STRAY_SUFFIX = "-stray";

  private static final int MAX_NAME_LENGTH = 255;
  private static final Pattern LEAVING =
      Pattern.compile("[a-zA-Z0-9._-]+-(0|[1-9]\\d{0,8})\\.[0-9a-f]{32}-delete\\d*");
  private static final Pattern NAME = Pattern.compile("([a-zA-Z0-9._-]{1,249})-(0|[1-9]\\d{0,8})");

  private PartitionDirectory() {}

  /** The partition of a directory's name; empty for anything else. */
  public static Optional<TopicPartition> parse(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(new TopicPartition(matcher.group(1), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** The name of a partition that leaves; unique by topic id, cut to what file systems allow. */
  static String leaving(TopicPartition partition, UUID topicId, String suffix) {
    String end = "-" + partition.partition() + "." + hex(topicId) + suffix;
    String topic = partition.topic();
    int room = MAX_NAME_LENGTH - end.length();
    return (topic.length() > room ? topic.substring(0, room) : topic) + end;
  }

  /** Whether a directory of that name is a deleted partition's, and nobody else's (STO-12). */
  static boolean isLeaving(String name) {
    return LEAVING.matcher(name).matches();
  }

  /** Whether a directory of that name is a partition's of a deleted topic, on its way out. */
  public static boolean isLeaving(String name, TopicPartition partition) {
    return isLeaving(name) && name.startsWith(partition + ".");
  }

  private static String hex(UUID id) {
    return String.format(
        Locale.ROOT, "%016x%016x", id.getMostSignificantBits(), id.getLeastSignificantBits());
  }
}
