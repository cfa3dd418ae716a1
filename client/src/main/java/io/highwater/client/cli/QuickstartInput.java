package io.highwater.client.cli;

import io.highwater.client.producer.ProducerRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The input of a run, of known length, so that it is known where its half is: what comes through a
 * pipe is put into a file first.
 */
final class QuickstartInput implements AutoCloseable {
  private final InputStream in;
  private final long bytes;

  private QuickstartInput(InputStream in, long bytes) {
    this.in = in;
    this.bytes = bytes;
  }

  /**
   * Opens an input.
   *
   * @param input a file, or {@code -}
   * @param standardInput read for {@code -}
   * @param temporary directory for what comes through a pipe
   */
  static QuickstartInput open(Path input, InputStream standardInput, Path temporary)
      throws IOException {
    if (Files.isRegularFile(input)) {
      return ofFile(input);
    }
    Path copy = temporary.resolve("input");
    if (input.toString().equals("-")) {
      Files.copy(standardInput, copy);
    } else {
      try (InputStream pipe = Files.newInputStream(input)) {
        Files.copy(pipe, copy);
      }
    }
    return ofFile(copy);
  }

  /**
   * Its lines as records without keys.
   *
   * @param topic where they go
   * @param maxRecordBytes as {@link LineRecords} takes it
   * @param maxLines how many at most
   */
  RecordSource records(String topic, int maxRecordBytes, long maxLines) {
    LineReader reader = new LineReader(in, maxRecordBytes);
    LineRecords lines = new LineRecords(reader, topic, null, null, maxRecordBytes);
    return new RecordSource() {
      @Override
      public ProducerRecord next() throws IOException {
        return lines.lineNumber() < maxLines ? lines.next() : null;
      }

      @Override
      public double progress() {
        double read = bytes == 0 ? 1 : (double) reader.nextPosition() / bytes;
        return Math.min(1, Math.max(read, (double) lines.lineNumber() / maxLines));
      }
    };
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static QuickstartInput ofFile(Path file) throws IOException {
    return new QuickstartInput(Files.newInputStream(file), Files.size(file));
  }
}
