package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Kafka's checkpoint file: a version line, a line with the number of entries, one line per entry.
 * What cannot be read whole is unknown, never partly used (STO-9).
 */
final class CheckpointText {
  private static final String VERSION = "0";

  private CheckpointText() {}

  static void write(Storage storage, Path file, List<String> entries, byte[] owner)
      throws IOException {
    StringBuilder text = new StringBuilder(32 * (entries.size() + 2));
    text.append(VERSION).append('\n').append(entries.size()).append('\n');
    for (String entry : entries) {
      text.append(entry).append('\n');
    }
    AtomicFile.writeChecked(storage, file, text.toString().getBytes(StandardCharsets.UTF_8), owner);
  }

  /** The fields of each entry line; empty when the file is absent or not as its owner wrote it. */
  static Optional<List<String[]>> read(Storage storage, Path file, int fields, byte[] owner)
      throws IOException {
    Optional<byte[]> content = AtomicFile.readChecked(storage, file, owner);
    return content.isEmpty() ? Optional.empty() : parse(content.get(), fields);
  }

  private static Optional<List<String[]>> parse(byte[] content, int fields) {
    String[] lines = new String(content, StandardCharsets.UTF_8).split("\n", -1);
    if (lines.length < 3 || !lines[0].equals(VERSION)) {
      return Optional.empty();
    }
    int count = lines.length - 3;
    if (!lines[1].equals(Integer.toString(count)) || !lines[lines.length - 1].isEmpty()) {
      return Optional.empty();
    }
    List<String[]> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String[] entry = lines[2 + i].split(" ", -1);
      if (entry.length != fields) {
        return Optional.empty();
      }
      entries.add(entry);
    }
    return Optional.of(entries);
  }
}
