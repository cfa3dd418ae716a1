package io.highwater.replication.sim.history;

/**
 * A batch that a producer sends: values that follow one another. Its outcome is unknown until it
 * ends, and stays so when it never does.
 */
public final class Send {
  /** How it ended for its sender. */
  public enum Outcome {
    /** It happened, as far as the acknowledgement asked for promises. */
    OK,
    /** It certainly did not (ACK-2). */
    FAILED,
    /** Nobody knows. */
    UNKNOWN
  }

  private final int process;
  private final long firstValue;
  private final int count;
  private final boolean committed;
  private final long invokedAt;
  private long endedAt = Long.MAX_VALUE;
  private long baseOffset = -1;
  private Outcome outcome = Outcome.UNKNOWN;

  Send(int process, long firstValue, int count, boolean committed, long invokedAt) {
    this.process = process;
    this.firstValue = firstValue;
    this.count = count;
    this.committed = committed;
    this.invokedAt = invokedAt;
  }

  /** Who sent it; of one process, later values come later in the log. */
  public int process() {
    return process;
  }

  /** The first of its values. */
  public long firstValue() {
    return firstValue;
  }

  /** How many values it has. */
  public int count() {
    return count;
  }

  /** How it ended. */
  public Outcome outcome() {
    return outcome;
  }

  /** Offset of the first value if it is OK, else -1. */
  public long baseOffset() {
    return baseOffset;
  }

  /** Exclusive end of its offsets if it is OK. */
  public long endOffset() {
    return baseOffset + count;
  }

  /** Whether it was acknowledged as committed: acks=all, and OK. */
  public boolean isCommitted() {
    return committed && outcome == Outcome.OK;
  }

  long invokedAt() {
    return invokedAt;
  }

  long endedAt() {
    return endedAt;
  }

  void end(Outcome how, long offset, long now) {
    outcome = how;
    baseOffset = offset;
    endedAt = now;
  }

  @Override
  public String toString() {
    return "send of "
        + firstValue
        + (count == 1 ? "" : ".." + (firstValue + count - 1))
        + " by "
        + process
        + " "
        + outcome
        + (outcome == Outcome.OK ? " at " + baseOffset : "");
  }
}
