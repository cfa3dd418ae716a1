package io.highwater.client.cli;

import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.RecordCursor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file of records, a line of JSON each, as {@code consume --output json} prints them. */
public final class JsonLinesFile implements RecordTarget {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final TopicPartition partition;
  private final JsonRecords lines = new JsonRecords();
  private final OutputStream out;
  private long written;

  /**
   * Makes the file.
   *
   * @param partition whose records they are, as the lines say
   * @throws java.nio.file.FileAlreadyExistsException when there is one
   */
  public JsonLinesFile(Path file, TopicPartition partition) throws IOException {
    this.partition = partition;
    this.out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            BUFFER_BYTES);
  }

  @Override
  public void add(RecordCursor record, int leaderEpoch) throws IOException {
    lines.print(
        new ConsumerRecord(
            partition.topic(),
            partition.partition(),
            record.offset(),
            record.timestamp(),
            leaderEpoch,
            record.key(),
            record.value(),
            record.headers()),
        out);
    written++;
  }

  @Override
  public void complete() throws IOException {
    out.flush();
  }

  @Override
  public long written() {
    return written;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
