package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
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
 * reads two lines; a third has their CRC-32C, because another id would mean another topic's data.
 */
public final class PartitionMetadata {
  /** The file's name. */
  public static final String FILE_NAME = "partition.metadata";

  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile(
          "(version: 0\\s*\\ntopic_id: ([A-Za-z0-9_-]{22}))(?:\\s*|\\ncrc32c: ([0-9a-f]{8})\\s*)");

  private PartitionMetadata() {}

  /** Writes the file into {@code directory}; durable when this returns. */
  public static void write(Storage storage, Path directory, UUID topicId) throws IOException {
    String lines = "version: 0\ntopic_id: " + Base64Uuid.encode(topicId);
    String text = lines + "\ncrc32c: " + TextChecksum.of(lines) + "\n";
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** The topic's id; empty when the file is absent or unreadable. */
  public static Optional<UUID> read(Storage storage, Path directory) throws IOException {
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
    if (!matcher.matches()
        || (matcher.group(3) != null
            && !matcher.group(3).equals(TextChecksum.of(matcher.group(1))))) {
      return Optional.empty();
    }
    return Optional.of(Base64Uuid.decode(matcher.group(2)));
  }
}
