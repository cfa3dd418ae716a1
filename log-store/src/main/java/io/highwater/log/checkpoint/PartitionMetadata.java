package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code partition.metadata} of a partition: whose data the directory holds (KIP-516). Kafka
 * reads the first two lines, all that its own file has. The others say which of the topic's
 * partitions it is and in which log directory it was made, and whether each of its segments that
 * holds batches has its manifest (STO-11); the last one is a CRC-32C, because another id would mean
 * another's data.
 *
 * @param topicId the topic
 * @param partition its name and which one; empty in files of Kafka's and of older versions
 * @param directoryId of the log directory around it; empty as {@code partition} is
 * @param keepsManifests whether no segment with batches is without a manifest of its own or an
 *     entry in that of the log; false in files of Kafka's and of older versions
 */
public record PartitionMetadata(
    UUID topicId,
    Optional<TopicPartition> partition,
    Optional<UUID> directoryId,
    boolean keepsManifests) {
  /** The file's name. */
  public static final String FILE_NAME = "partition.metadata";

  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile(
          "(version: 0\\s*\\ntopic_id: ([A-Za-z0-9_-]{22})"
              + "(?:\\npartition: ([a-zA-Z0-9._-]{1,249})-(0|[1-9]\\d{0,8})"
              + "\\ndirectory_id: ([A-Za-z0-9_-]{22})(\\nsegment_manifests: all)?)?)"
              + "(?:\\s*|\\ncrc32c: ([0-9a-f]{8})\\s*)");

  /** Of a partition in a log directory, where nothing is known of its segments. */
  public static PartitionMetadata of(UUID topicId, TopicPartition partition, UUID directoryId) {
    return new PartitionMetadata(topicId, Optional.of(partition), Optional.of(directoryId), false);
  }

  /** This of a log whose segments all have their manifests. */
  public PartitionMetadata keepingManifests() {
    return new PartitionMetadata(topicId, partition, directoryId, true);
  }

  /** Whether it names the same partition and log directory. */
  public boolean isSameAs(PartitionMetadata other) {
    return topicId.equals(other.topicId)
        && partition.equals(other.partition)
        && directoryId.equals(other.directoryId);
  }

  /** Whether it says all that there is to say: older ones do not. */
  public boolean isComplete() {
    return partition.isPresent() && directoryId.isPresent();
  }

  /** Writes the file into {@code directory}; durable when this returns. */
  public void write(Storage storage, Path directory) throws IOException {
    String lines = "version: 0\ntopic_id: " + Base64Uuid.encode(topicId);
    if (isComplete()) {
      lines +=
          "\npartition: "
              + partition.get()
              + "\ndirectory_id: "
              + Base64Uuid.encode(directoryId.get())
              + (keepsManifests ? "\nsegment_manifests: all" : "");
    }
    String text = lines + "\ncrc32c: " + TextChecksum.of(lines) + "\n";
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** What the file says; empty when it is absent or unreadable. */
  public static Optional<PartitionMetadata> read(Storage storage, Path directory)
      throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] content;
    try {
      if (storage.size(file) > MAX_BYTES) {
        return Optional.empty();
      }
      content = storage.readAll(file, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Matcher matcher = TEXT.matcher(new String(content, StandardCharsets.UTF_8));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String checksum = matcher.group(7);
    boolean complete = matcher.group(3) != null;
    boolean sound =
        checksum == null ? !complete : checksum.equals(TextChecksum.of(matcher.group(1)));
    if (!sound) {
      return Optional.empty();
    }
    UUID topicId = Base64Uuid.decode(matcher.group(2));
    if (!complete) {
      return Optional.of(new PartitionMetadata(topicId, Optional.empty(), Optional.empty(), false));
    }
    PartitionMetadata found =
        of(
            topicId,
            new TopicPartition(matcher.group(3), Integer.parseInt(matcher.group(4))),
            Base64Uuid.decode(matcher.group(5)));
    return Optional.of(matcher.group(6) == null ? found : found.keepingManifests());
  }
}
