package io.highwater.perf.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A log in memory behind the seam; may lose or damage what it keeps. */
final class MemoryTarget implements LoadTarget {
  /** What a source does with records. */
  enum Fault {
    NONE,
    DAMAGED
  }

  private final List<byte[]> log = new ArrayList<>();
  private final Fault fault;

  MemoryTarget(Fault fault) {
    this.fault = fault;
  }

  @Override
  public RecordSink sink(SinkConfig config) {
    return new RecordSink() {
      @Override
      public void send(int partition, byte[] payload, long token, SendCompletion completion) {
        synchronized (log) {
          log.add(payload);
        }
        completion.completed(token, null);
      }

      @Override
      public void flush() {
        // Nothing is ever buffered.
        Thread.onSpinWait();
      }

      @Override
      public void close() {
        flush();
      }
    };
  }

  @Override
  public RecordSource source(SourceConfig config) {
    int first;
    synchronized (log) {
      first = config.fromBeginning() ? 0 : log.size();
    }
    return new RecordSource() {
      private int next = first;

      @Override
      public int poll(Duration timeout, RecordVisitor visitor) {
        synchronized (log) {
          int count = log.size() - next;
          for (; next < log.size(); next++) {
            byte[] record = log.get(next).clone();
            if (fault == Fault.DAMAGED && next == log.size() / 2) {
              record[record.length - 1] ^= 1;
            }
            visitor.record(0, next, record, 0, record.length);
          }
          return count;
        }
      }

      @Override
      public void close() {
        next = 0;
      }
    };
  }

  @Override
  public void close() {
    // Stays, so that another run can read what this one wrote.
    Thread.onSpinWait();
  }
}
