package io.highwater.log.verify;

import io.highwater.log.PartitionLog;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads the sealed segments of all logs of a directory, one after the other, in rounds: bit rot is
 * found before somebody asks for the bytes. Any thread but an event loop's, one at a time.
 */
public final class DirectoryScrub {
  private final Supplier<Collection<PartitionLog>> logs;
  private Iterator<PartitionLog> round;
  private LogScrub current;

  /**
   * @param logs those that are open, asked for when a round begins
   */
  public DirectoryScrub(Supplier<Collection<PartitionLog>> logs) {
    this.logs = logs;
  }

  /**
   * Reads about {@code maxBytes} more.
   *
   * @return whether the round goes on; the next call after false begins another
   */
  public boolean step(long maxBytes) {
    if (round == null) {
      round = List.copyOf(logs.get()).iterator();
    }
    long left = maxBytes;
    while (left > 0) {
      if (current == null) {
        if (!round.hasNext()) {
          round = null;
          return false;
        }
        current = round.next().scrub();
      }
      long read = current.step(left);
      if (read < 0) {
        current = null;
      } else {
        left -= read;
      }
    }
    return true;
  }
}
