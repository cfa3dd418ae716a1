package io.highwater.log;

import io.highwater.log.io.Storage;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Directories of damaged logs that were set aside: {@code <topic>-<partition>.<topic
 * id>-damaged<n>}. They stay until their partition was fetched again as a whole (REC-3).
 */
final class DamagedLogs {
  private static final String SUFFIX = "-damaged";
  private static final Pattern NAME =
      Pattern.compile(".*-(0|[1-9]\\d{0,8})\\.([0-9a-f]{16})([0-9a-f]{16})-damaged\\d*");

  private final Path root;
  private final Storage storage;

  DamagedLogs(Path root, Storage storage) {
    this.root = root;
    this.storage = storage;
  }

  /** Where a log goes: never where another one is. */
  Path newPath(TopicPartition partition, UUID topicId) throws IOException {
    Path path = path(partition, topicId, SUFFIX);
    for (int i = 1; storage.isDirectory(path); i++) {
      path = path(partition, topicId, SUFFIX + i);
    }
    return path;
  }

  private Path path(TopicPartition partition, UUID topicId, String suffix) {
    return root.resolve(PartitionDirectory.leaving(partition, topicId, suffix));
  }

  Set<TopicIdPartition> list() throws IOException {
    Set<TopicIdPartition> found = new LinkedHashSet<>();
    for (String name : storage.list(root)) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        found.add(idOf(matcher));
      }
    }
    return found;
  }

  void delete(TopicIdPartition id) throws IOException {
    for (String name : storage.list(root)) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches() && idOf(matcher).equals(id)) {
        storage.deleteTree(root.resolve(name));
      }
    }
  }

  private static TopicIdPartition idOf(Matcher name) {
    return new TopicIdPartition(
        new UUID(
            Long.parseUnsignedLong(name.group(2), 16), Long.parseUnsignedLong(name.group(3), 16)),
        Integer.parseInt(name.group(1)));
  }
}
