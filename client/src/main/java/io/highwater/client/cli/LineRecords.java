package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Lines as records of one topic: a line is a value, or key, separator and value. */
final class LineRecords {
  private final LineReader lines;
  private final String topic;
  private final Integer partition;
  private final byte[] keySeparator;
  private final int maxRecordBytes;

  /**
   * @param partition where to, or null
   * @param keySeparator what stands between key and value, or null for records without a key
   * @param maxRecordBytes most bytes of a record as {@link Producer#sizeInBatch} counts them
   */
  LineRecords(
      LineReader lines, String topic, Integer partition, String keySeparator, int maxRecordBytes) {
    this.lines = lines;
    this.topic = topic;
    this.partition = partition;
    this.keySeparator = keySeparator == null ? null : keySeparator.getBytes(UTF_8);
    this.maxRecordBytes = maxRecordBytes;
  }

  /**
   * The next line's record, or null at the end.
   *
   * @throws HighwaterException MESSAGE_TOO_LARGE or INVALID_RECORD naming the line
   */
  ProducerRecord next() throws IOException {
    byte[] line = lines.next();
    if (line == null) {
      return null;
    }
    byte[] key = null;
    byte[] value = line;
    if (keySeparator != null) {
      int at = indexOf(line, keySeparator);
      if (at < 0) {
        throw new HighwaterException(
            ErrorCode.INVALID_RECORD, "line " + lineNumber() + " has no key separator");
      }
      key = Arrays.copyOf(line, at);
      value = Arrays.copyOfRange(line, at + keySeparator.length, line.length);
    }
    ProducerRecord record =
        new ProducerRecord(topic, partition, key, value, List.of(), ProducerRecord.NOW);
    long bytes = Producer.sizeInBatch(record);
    if (bytes > maxRecordBytes) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "line "
              + lineNumber()
              + " takes "
              + bytes
              + " bytes as a record, topic "
              + topic
              + " takes at most "
              + maxRecordBytes);
    }
    return record;
  }

  /** The number of the line that the last record came from, from 1. */
  long lineNumber() {
    return lines.lineNumber();
  }

  private static int indexOf(byte[] line, byte[] wanted) {
    for (int at = 0; at <= line.length - wanted.length; at++) {
      if (Arrays.equals(line, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }
}
