package io.highwater.log.checkpoint;

import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code reset-to} of a partition: there while its log is being emptied, to begin at
 * another offset (REC-6). One line: the offset and a CRC-32C of it and of whose log that is.
 */
public final class ResetIntention {
  /** Its name. */
  public static final String FILE_NAME = "reset-to";

  private static final int MAX_BYTES = 64;
  private static final Pattern LINE = Pattern.compile("(\\d{1,18}) ([0-9a-f]{8})\n");

  private ResetIntention() {}

  /** Writes down that the log is to begin at {@code offset}; durable on return. */
  public static void write(Storage storage, Path directory, TopicIdPartition owner, long offset)
      throws IOException {
    String text = Long.toString(offset);
    byte[] line = (text + " " + sumOf(text, owner) + "\n").getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(storage, directory.resolve(FILE_NAME), line);
  }

  /**
   * Reads it; empty when there is none.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR when it does not match its checksum or form, or
   *     is another log's
   */
  public static OptionalLong read(Storage storage, Path directory, TopicIdPartition owner)
      throws IOException {
    byte[] bytes;
    try {
      bytes = storage.readAll(directory.resolve(FILE_NAME), MAX_BYTES);
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
    String text = new String(bytes, StandardCharsets.US_ASCII);
    Matcher line = LINE.matcher(text);
    if (!line.matches() || !isSumOf(line.group(1), owner, line.group(2))) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          directory + " has a damaged " + FILE_NAME + " file: '" + text + "'");
    }
    return OptionalLong.of(Long.parseLong(line.group(1)));
  }

  private static String sumOf(String offset, TopicIdPartition owner) {
    return TextChecksum.of(offset + " " + owner);
  }

  /** Versions before the owner counted left it out. */
  private static boolean isSumOf(String offset, TopicIdPartition owner, String sum) {
    return sum.equals(sumOf(offset, owner)) || sum.equals(TextChecksum.of(offset));
  }
}
