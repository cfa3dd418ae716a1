package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code running-broker} file: under which broker epoch the broker on a log directory was
 * registered last, and in which run of the machine (REC-8). Found at a start in the same run, it
 * says that the process before died and the machine did not. What does not read says nothing.
 *
 * @param brokerEpoch of the registration
 * @param machineRun as {@link Storage#machineRun}
 */
public record RunMarker(long brokerEpoch, String machineRun) {
  /** The file's name. */
  public static final String FILE_NAME = "running-broker";

  private static final int MAX_BYTES = 4096;
  private static final Pattern TEXT =
      Pattern.compile(
          "(version: 0\\nbroker_epoch: (\\d{1,18})\\nmachine_run: ([A-Za-z0-9-]{1,64}))"
              + "\\ncrc32c: ([0-9a-f]{8})\\s*");

  /** Writes the file into a log directory; durable when this returns. */
  public void write(Storage storage, Path directory) throws IOException {
    String lines = "version: 0\nbroker_epoch: " + brokerEpoch + "\nmachine_run: " + machineRun;
    String text = lines + "\ncrc32c: " + TextChecksum.of(lines) + "\n";
    AtomicFile.write(storage, directory.resolve(FILE_NAME), text.getBytes(StandardCharsets.UTF_8));
  }

  /** What the file says; empty when it is absent or unreadable. */
  public static Optional<RunMarker> read(Storage storage, Path directory) throws IOException {
    Path file = directory.resolve(FILE_NAME);
    byte[] content;
    try {
      content = storage.size(file) > MAX_BYTES ? new byte[0] : storage.readAll(file, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    Matcher matcher = TEXT.matcher(new String(content, StandardCharsets.UTF_8));
    return matcher.matches() && TextChecksum.of(matcher.group(1)).equals(matcher.group(4))
        ? Optional.of(new RunMarker(Long.parseLong(matcher.group(2)), matcher.group(3)))
        : Optional.empty();
  }
}
