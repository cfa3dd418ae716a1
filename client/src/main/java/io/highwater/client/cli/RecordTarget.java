package io.highwater.client.cli;

import io.highwater.proto.record.RecordCursor;
import java.io.Closeable;
import java.io.IOException;

/** Where records go that were read from a log's files. One thread. */
public interface RecordTarget extends Closeable {
  /**
   * Takes the record that a cursor stands at.
   *
   * @param leaderEpoch of its batch
   * @throws io.highwater.proto.HighwaterException when this one, or one before, was refused; it
   *     names the offset
   */
  void add(RecordCursor record, int leaderEpoch) throws IOException;

  /**
   * Waits until all of them are where they should be.
   *
   * @throws io.highwater.proto.HighwaterException as {@link #add}
   */
  void complete() throws IOException;

  /** Records that are where they should be, so far. */
  long written();
}
