package io.highwater.replication.sim.history;

/** Something that clients must never see. */
public record Anomaly(Kind kind, long offset, String what) {
  /** What can be seen, and the invariant that it breaks. */
  public enum Kind {
    /** One offset names two values. */
    INCONSISTENT_OFFSETS("STO-1"),
    /** A value was read that nobody sent, or whose bytes are damaged. */
    PHANTOM("STO-10"),
    /** A committed value is missing among those that are there. */
    LOST_WRITE("REP-1"),
    /** A committed value beyond all that was read at the end. */
    UNSEEN("REP-8"),
    /** A value that was read once is not there at the end. */
    READ_THEN_GONE("REP-6"),
    /** A value has two offsets. */
    DUPLICATE("IDM-2"),
    /** Values of one producer stand in another order than they were sent in. */
    REORDERED("ACK-3"),
    /** A value was read whose send had failed for certain. */
    ABORTED_READ("ACK-2"),
    /** A send begun after another was committed got a lower offset. */
    REALTIME_ORDER("REP-1"),
    /** A reader jumped over a value. */
    POLL_SKIP("CON-1"),
    /** A reader went back. */
    NONMONOTONIC_POLL("CON-1"),
    /** An end offset that lacks what was known before it was asked for. */
    STALE_END_OFFSET("REP-4");

    private final String invariant;

    Kind(String invariant) {
      this.invariant = invariant;
    }

    /** The id of the broken rule. */
    public String invariant() {
      return invariant;
    }
  }

  @Override
  public String toString() {
    return kind.invariant() + " " + kind + " at offset " + offset + ": " + what;
  }
}
