package io.highwater.replication.sim.history;

import io.highwater.proto.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the clients of one partition did, in the order of one clock. Values are unique for the whole
 * run.
 */
public final class ClientHistory {
  /** A record as a reader got it. */
  public record Read(long offset, long value) {}

  /**
   * An answered poll.
   *
   * @param process polls of one process follow one another
   * @param last whether it belongs to the readers of the end, when everything is healed
   */
  record Poll(int process, boolean last, long endedAt, List<Read> reads) {
    Poll {
      reads = List.copyOf(reads);
    }
  }

  /** An answer to the question where the committed log ends. */
  record EndAnswer(int process, long invokedAt, long endedAt, long endOffset) {}

  private final List<Send> sends = new ArrayList<>();
  private final List<Poll> polls = new ArrayList<>();
  private final List<EndAnswer> ends = new ArrayList<>();
  private long now;
  private boolean ending;

  /** A moment later than every one before. */
  public long now() {
    return ++now;
  }

  /** A producer sends a batch of {@code count} values from {@code firstValue} on. */
  public Send invoked(int process, long firstValue, int count, boolean acksAll) {
    Send send = new Send(process, firstValue, count, acksAll, now());
    sends.add(send);
    return send;
  }

  /** A send ended; one that is never ended may or may not have happened. */
  public void ended(Send send, Outcome outcome, long baseOffset) {
    send.end(outcome, baseOffset, now());
  }

  /** A reader got records. */
  public void polled(int process, List<Read> reads) {
    polls.add(new Poll(process, ending, now(), reads));
  }

  /** A client asked at {@code invokedAt} for the end offset, and now has the answer. */
  public void endOffset(int process, long invokedAt, long endOffset) {
    ends.add(new EndAnswer(process, invokedAt, now(), endOffset));
  }

  /** Everything is healed: polls from here on are those of the last readers. */
  public void endsNow() {
    ending = true;
  }

  /**
   * A loss that is allowed has happened: nothing that was said before binds any more, but all that
   * was sent may still be read.
   */
  public void forget() {
    for (Send send : sends) {
      send.end(Outcome.UNKNOWN, -1, Long.MAX_VALUE);
    }
    polls.clear();
    ends.clear();
  }

  /** All sends in the order of their beginning. */
  public List<Send> sends() {
    return Collections.unmodifiableList(sends);
  }

  List<Poll> polls() {
    return polls;
  }

  List<EndAnswer> ends() {
    return ends;
  }

  /** Records read so far, each as often as it was read. */
  public long reads() {
    return polls.stream().mapToLong(poll -> poll.reads().size()).sum();
  }
}
