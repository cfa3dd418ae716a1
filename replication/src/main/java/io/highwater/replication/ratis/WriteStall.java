package io.highwater.replication.ratis;

/**
 * Judges, look by look, whether a member has given up writing on a disk that was full. Once the
 * disk refused an entry Ratis writes none any more, and a candidate whose vote could not be kept
 * stays one without asking for votes: neither ends the member, and room that comes later helps
 * neither. A disk that only hangs or is slow goes on by itself. One thread.
 */
final class WriteStall {
  /** What a look found. */
  enum Verdict {
    /** It writes, or its disk was not full. */
    NONE,
    /** It waits for room in vain. */
    FULL,
    /** There is room, and it does not write all the same: it has to begin again. */
    OVER
  }

  private final long patienceMs;
  private boolean wasFull;
  private long unkeptTerm = -1;
  private long unkeptSinceMs;
  private long roomSinceMs = -1;

  /**
   * @param patienceMs so long a write takes at most, with room
   */
  WriteStall(long patienceMs) {
    this.patienceMs = patienceMs;
  }

  /**
   * Takes a look.
   *
   * @param term the member is in
   * @param keptTerm the one that is on the disk
   * @param unflushedMs for which its oldest entry waits for the disk
   * @param full whether there is too little room
   */
  Verdict look(long term, long keptTerm, long unflushedMs, boolean full, long nowMs) {
    if (keptTerm >= term) {
      unkeptTerm = -1;
    } else if (unkeptTerm != term) {
      unkeptTerm = term;
      unkeptSinceMs = nowMs;
    }
    wasFull |= full;
    if (full) {
      roomSinceMs = -1;
    } else if (roomSinceMs < 0) {
      roomSinceMs = nowMs;
    }
    boolean stands =
        unflushedMs >= patienceMs || (unkeptTerm >= 0 && nowMs - unkeptSinceMs >= patienceMs);
    if (!stands || !wasFull) {
      wasFull = full || (wasFull && (unflushedMs > 0 || unkeptTerm >= 0));
      return Verdict.NONE;
    }
    return !full && nowMs - roomSinceMs >= patienceMs ? Verdict.OVER : Verdict.FULL;
  }
}
