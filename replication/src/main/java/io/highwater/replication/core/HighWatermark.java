package io.highwater.replication.core;

import io.highwater.proto.Invariant;

/**
 * The offset below which everything is committed, as one leader knows it: it only rises (REP-4).
 */
public final class HighWatermark {
  /** Whom the high watermark waits for. A seam for tests that break it on purpose. */
  @FunctionalInterface
  public interface Quorum {
    /** The rule: everyone who is or may be in sync (REP-3, ISR-5). */
    Quorum MAXIMAL_ISR = InSyncSet::isInMaximal;

    /** Whether the high watermark waits for a broker. */
    boolean counts(InSyncSet inSync, int brokerId);
  }

  private long offset;

  HighWatermark(long offset) {
    this.offset = offset;
  }

  /** Exclusive. */
  public long offset() {
    return offset;
  }

  /**
   * Moves up to what everyone who counts holds; stays when that is less.
   *
   * @param leastEnd least log end among those who count
   * @param leaderEnd the leader's log end
   * @return whether it moved
   */
  boolean advance(long leastEnd, long leaderEnd) {
    Invariant.check(
        leastEnd <= leaderEnd, "REP-5: committed at most to the log end", leastEnd, leaderEnd);
    if (leastEnd <= offset) {
      return false;
    }
    offset = leastEnd;
    return true;
  }
}
