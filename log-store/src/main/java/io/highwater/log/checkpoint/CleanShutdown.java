package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marker {@code .kafka_cleanshutdown} (KIP-966): the last thing written after everything was
 * flushed, taken away before the first new write (REC-2). It names the offset checkpoints it was
 * written with, since it says nothing of others: lost ones, or those of a backup. Kafka ignores
 * that, and its own marker has nothing of the kind.
 */
public final class CleanShutdown {
  /** The file's name. */
  public static final String FILE_NAME = ".kafka_cleanshutdown";

  private static final Logger LOG = LoggerFactory.getLogger(CleanShutdown.class);
  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile(
          "\\{\"version\":0,\"brokerEpoch\":(-?\\d{1,18})(,\"checkpoints\":\"(\\p{XDigit}{8})\")?\\}\\s*");

  private CleanShutdown() {}

  /**
   * Writes the marker of a broker that was registered under {@code brokerEpoch}; the offset
   * checkpoints are as they will be found.
   */
  public static void mark(Storage storage, Path directory, UUID directoryId, long brokerEpoch)
      throws IOException {
    String text =
        "{\"version\":0,\"brokerEpoch\":"
            + brokerEpoch
            + ",\"checkpoints\":\""
            + OffsetCheckpoint.checksumOfAll(storage, directory, directoryId)
            + "\"}";
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The broker epoch in the marker; empty when there is none that reads, or when the offset
   * checkpoints are others. Changes nothing.
   */
  public static OptionalLong read(Storage storage, Path directory, UUID directoryId)
      throws IOException {
    Path file = directory.resolve(FILE_NAME);
    Optional<byte[]> content = content(storage, file);
    if (content.isEmpty()) {
      return OptionalLong.empty();
    }
    Matcher matcher = TEXT.matcher(new String(content.get(), StandardCharsets.UTF_8));
    if (!matcher.matches()) {
      LOG.warn("{} does not read: the shutdown before counts as unclean", file);
      return OptionalLong.empty();
    }
    if (!isOfCheckpoints(matcher, storage, directory, directoryId)) {
      LOG.warn(
          "{}: the offset checkpoints are not those of the last clean shutdown, which counts as"
              + " unclean",
          directory);
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(matcher.group(1)));
  }

  /** Removes the marker, if there is one; durable on return. */
  public static void remove(Storage storage, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    if (storage.exists(file)) {
      storage.deleteIfExists(file);
      storage.syncDirectory(directory);
    }
  }

  /** Whether {@link #read} would return an epoch, without a word in the log. */
  public static boolean isMarked(Storage storage, Path directory, UUID directoryId)
      throws IOException {
    Optional<byte[]> content = content(storage, directory.resolve(FILE_NAME));
    if (content.isEmpty()) {
      return false;
    }
    Matcher matcher = TEXT.matcher(new String(content.get(), StandardCharsets.UTF_8));
    return matcher.matches() && isOfCheckpoints(matcher, storage, directory, directoryId);
  }

  private static Optional<byte[]> content(Storage storage, Path file) throws IOException {
    try {
      return Optional.of(
          storage.size(file) > MAX_BYTES ? new byte[0] : storage.readAll(file, MAX_BYTES));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static boolean isOfCheckpoints(
      Matcher matcher, Storage storage, Path directory, UUID directoryId) throws IOException {
    String checkpoints = matcher.group(3);
    return checkpoints == null
        || checkpoints.equals(OffsetCheckpoint.checksumOfAll(storage, directory, directoryId));
  }
}
