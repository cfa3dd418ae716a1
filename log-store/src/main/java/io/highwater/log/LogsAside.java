package io.highwater.log;

import io.highwater.log.io.Storage;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of logs that left their partition, by their names: deleted ones, whose space is
 * freed soon; strays of unknown topics, which stay (CTL-5); damaged ones, {@code
 * <topic>-<partition>.<topic id>-damaged<n>}, which stay until their partition was fetched again as
 * a whole (REC-3); differing ones, {@code …-differing<n>}, which are strays from then on (REP-9).
 */
final class LogsAside {
  private static final Logger LOG = LoggerFactory.getLogger(LogsAside.class);
  private static final String DAMAGED_SUFFIX = "-damaged";
  private static final String DIFFERING_SUFFIX = "-differing";
  private static final Pattern NAME =
      Pattern.compile(
          "([a-zA-Z0-9._-]+-(0|[1-9]\\d{0,8})\\.([0-9a-f]{16})([0-9a-f]{16}))(-damaged|-differing)\\d*");

  private final Path root;
  private final Storage storage;
  private final Set<String> kept = ConcurrentHashMap.newKeySet();

  LogsAside(Path root, Storage storage) {
    this.root = root;
    this.storage = storage;
  }

  /** Where a deleted log goes. */
  Path forDeleted(TopicPartition partition, UUID topicId) throws IOException {
    return unused(partition, topicId, PartitionDirectory.DELETE_SUFFIX);
  }

  /** Where a log of an unknown topic goes. */
  Path forStray(TopicPartition partition, UUID topicId) throws IOException {
    return unused(partition, topicId, PartitionDirectory.STRAY_SUFFIX);
  }

  /** Where a damaged log goes. */
  Path forDamaged(TopicPartition partition, UUID topicId) throws IOException {
    return unused(partition, topicId, DAMAGED_SUFFIX);
  }

  /** Where a log goes that holds something else than others. */
  Path forDiffering(TopicPartition partition, UUID topicId) throws IOException {
    return unused(partition, topicId, DIFFERING_SUFFIX);
  }

  private Path unused(TopicPartition partition, UUID topicId, String suffix) throws IOException {
    return unused(path(partition, topicId, suffix));
  }

  /** What was set aside before under the same id is data as well. */
  private Path unused(Path wanted) throws IOException {
    Path path = wanted;
    for (int i = 1; isTaken(path); i++) {
      path = wanted.resolveSibling(wanted.getFileName() + String.valueOf(i));
    }
    return path;
  }

  private boolean isTaken(Path path) throws IOException {
    return storage.isLink(path) || storage.exists(path);
  }

  private Path path(TopicPartition partition, UUID topicId, String suffix) {
    return root.resolve(PartitionDirectory.leaving(partition, topicId, suffix));
  }

  /** Frees the space of deleted logs. */
  void removeDeleted() throws IOException {
    for (String name : storage.list(root)) {
      if (PartitionDirectory.isLeaving(name)) {
        remove(name);
      }
    }
  }

  Set<TopicIdPartition> damaged() throws IOException {
    Set<TopicIdPartition> found = new LinkedHashSet<>();
    for (String name : storage.list(root)) {
      Matcher matcher = NAME.matcher(name);
      if (matcher.matches()) {
        found.add(idOf(matcher));
      }
    }
    return found;
  }

  void deleteDamaged(TopicIdPartition id) throws IOException {
    for (String name : storage.list(root)) {
      Matcher matcher = NAME.matcher(name);
      if (!matcher.matches() || !idOf(matcher).equals(id)) {
        continue;
      }
      if (matcher.group(5).equals(DIFFERING_SUFFIX)) {
        Path stray = unused(root.resolve(matcher.group(1) + PartitionDirectory.STRAY_SUFFIX));
        storage.rename(root.resolve(name), stray);
        storage.syncDirectory(root);
      } else {
        remove(name);
      }
    }
  }

  /** STO-12: what is not ours is somebody else's, and so is what only has the name of ours. */
  private void remove(String name) throws IOException {
    Path directory = root.resolve(name);
    if (storage.isLink(directory) || !storage.isDirectory(directory)) {
      return;
    }
    List<String> others = PartitionFiles.delete(storage, directory);
    if (!others.isEmpty() && kept.add(name)) {
      LOG.warn("{} is deleted but for what is not ours in it: {}", directory, others);
    }
  }

  private static TopicIdPartition idOf(Matcher name) {
    return new TopicIdPartition(
        new UUID(
            Long.parseUnsignedLong(name.group(3), 16), Long.parseUnsignedLong(name.group(4), 16)),
        Integer.parseInt(name.group(2)));
  }
}
