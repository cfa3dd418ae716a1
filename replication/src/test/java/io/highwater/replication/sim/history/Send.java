package io.highwater.replication.sim.history;

import io.highwater.proto.Outcome;

/**
 * A batch that a producer sends: values that follow one another. Its outcome is unknown until it
 * ends, and stays so when it never does.
 */
public final class Send {
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

  /** Offset of the first value if it is DONE, else -1. */
  public long baseOffset() {
    return baseOffset;
  }

  /** Exclusive end of its offsets if it is DONE. */
  public long endOffset() {
    return baseOffset + count;
  }

  /** Whether it was acknowledged as committed: acks=all, and DONE. */
  public boolean isCommitted() {
    return committed && outcome == Outcome.DONE;
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
        + (outcome == Outcome.DONE ? " at " + baseOffset : "");
  }
}
