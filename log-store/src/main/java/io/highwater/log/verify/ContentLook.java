package io.highwater.log.verify;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks whether the records of sound batches can be read. Those that cannot were accepted like
 * that, by {@code records.validation=header} or before there was another: no damage, but readers
 * stop there. One thread.
 */
final class ContentLook implements AutoCloseable {
  private final RecordCursor records = new RecordCursor();
  private final List<Problem> problems = new ArrayList<>();

  /** Reads all records of a batch, which begins at {@code position} of {@code file}. */
  void read(BatchView batch, Path file, int position) {
    try {
      records.wrap(batch.buffer(), batch.offset());
      boolean more = true;
      while (more) {
        more = records.next();
      }
    } catch (HighwaterException e) {
      problems.add(
          new Problem(
              file,
              position,
              "the records at offsets "
                  + batch.baseOffset()
                  + " to "
                  + batch.lastOffset()
                  + " cannot be read: "
                  + e.getMessage()));
    }
  }

  /** What cannot be read, in the order of the log. */
  List<Problem> problems() {
    return problems;
  }

  @Override
  public void close() {
    records.close();
  }
}
