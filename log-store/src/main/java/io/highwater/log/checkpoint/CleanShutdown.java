package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The marker {@code .kafka_cleanshutdown} (KIP-966): the last thing written after everything was
 * flushed, taken away before the first new write (REC-2).
 */
public final class CleanShutdown {
  /** The file's name. */
  public static final String FILE_NAME = ".kafka_cleanshutdown";

  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile("\\{\"version\":0,\"brokerEpoch\":(-?\\d{1,18})\\}\\s*");

  private CleanShutdown() {}

  /** Writes the marker of a broker that was registered under {@code brokerEpoch}. */
  public static void mark(Storage storage, Path directory, long brokerEpoch) throws IOException {
    String text = "{\"version\":0,\"brokerEpoch\":" + brokerEpoch + "}";
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Removes the marker and returns its broker epoch; empty when there was none that reads. */
  public static OptionalLong take(Storage storage, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] content;
    try {
      content = storage.size(file) > MAX_BYTES ? new byte[0] : storage.readAll(file, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
    storage.deleteIfExists(file);
    storage.syncDirectory(directory);
    Matcher matcher = TEXT.matcher(new String(content, StandardCharsets.UTF_8));
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }
}
