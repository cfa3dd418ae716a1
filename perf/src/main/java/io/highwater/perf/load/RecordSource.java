package io.highwater.perf.load;

import java.time.Duration;

/** One consumer client. Used by one thread. */
public interface RecordSource extends AutoCloseable {
  /**
   * Hands over records that are there, waiting at most so long for the first.
   *
   * @return how many
   */
  int poll(Duration timeout, RecordVisitor visitor);

  @Override
  void close();
}
