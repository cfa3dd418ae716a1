package io.highwater.log.verify;

import io.highwater.log.PartitionDirectory;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentMarks;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, for people, to which partition of a log directory a file belongs that was found in
 * another's (STO-11). Looks at all partitions: only where something is wrong.
 */
public final class FileOwners {
  private static final Logger LOG = LoggerFactory.getLogger(FileOwners.class);

  private FileOwners() {}

  /** The name of a partition that a file names, as far as the log directory around knows it. */
  public static String nameOf(Storage storage, Path partitionDirectory, TopicIdPartition id) {
    Path root = partitionDirectory.getParent();
    for (TopicPartition candidate : partitions(storage, root)) {
      try {
        Optional<PartitionMetadata> metadata =
            PartitionMetadata.read(storage, root.resolve(candidate.toString()));
        if (metadata.isPresent() && metadata.get().topicId().equals(id.topicId())) {
          TopicPartition named = metadata.get().partition().orElse(candidate);
          return new TopicPartition(named.topic(), id.partition()).toString();
        }
      } catch (IOException e) {
        unreadable(candidate, e);
      }
    }
    return "partition " + id.partition() + " of topic id " + id.topicId();
  }

  /**
   * The partition whose segment of that base offset began with such a batch when it was written.
   */
  static Optional<TopicPartition> ofSegment(
      Storage storage, Path partitionDirectory, long baseOffset, long firstCrc) {
    Path root = partitionDirectory.getParent();
    for (TopicPartition candidate : partitions(storage, root)) {
      Path directory = root.resolve(candidate.toString());
      try {
        if (firstCrc != SegmentMarks.UNKNOWN
            && !directory.equals(partitionDirectory)
            && SegmentManifest.read(storage, directory, baseOffset)
                .filter(manifest -> manifest.segment().marks().firstCrc() == firstCrc)
                .isPresent()) {
          return Optional.of(candidate);
        }
      } catch (IOException e) {
        unreadable(candidate, e);
      }
    }
    return Optional.empty();
  }

  /** Only a name is asked for here; what is wrong there is told by who needs the files. */
  private static void unreadable(TopicPartition partition, IOException why) {
    LOG.debug("{} does not read", partition, why);
  }

  private static List<TopicPartition> partitions(Storage storage, Path root) {
    try {
      return storage.list(root).stream()
          .flatMap(name -> PartitionDirectory.parse(name).stream())
          .toList();
    } catch (IOException e) {
      LOG.debug("{} does not list", root, e);
      return List.of();
    }
  }
}
