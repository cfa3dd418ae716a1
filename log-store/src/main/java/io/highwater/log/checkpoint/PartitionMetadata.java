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

/** The {@code partition.metadata} of a partition: whose data the directory holds (KIP-516). */
public final class PartitionMetadata {
  /** The file's name. */
  public static final String FILE_NAME = "partition.metadata";

  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile("version: 0\\s*\\ntopic_id: ([A-Za-z0-9_-]{22})\\s*");

  private PartitionMetadata() {}

  /** Writes the file into {@code directory}; durable when this returns. */
  public static void write(Storage storage, Path directory, UUID topicId) throws IOException {
    String text = "version: 0\ntopic_id: " + Base64Uuid.encode(topicId);
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** The topic's id; empty when the file is absent or unreadable. */
  public static Optional<UUID> read(Storage storage, Path directory) throws IOException {
    byte[] content;
    try {
      content = storage.readAll(directory.resolve(FILE_NAME), MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Matcher matcher = TEXT.matcher(new String(content, StandardCharsets.UTF_8));
    return matcher.matches() ? Optional.of(Base64Uuid.decode(matcher.group(1))) : Optional.empty();
  }
}
