package io.highwater.replication.core;

/**
 * Where two logs part. Both sides look into their epoch histories, never at a high watermark
 * (LEP-3, KIP-101, KIP-279), and both must be in the same leader epoch (LEP-5).
 */
public final class Divergence {
  private Divergence() {}

  /** What a leader makes of a follower's position. */
  public enum Verdict {
    /** The follower's log is the beginning of the leader's: push. */
    MATCHES,
    /** The follower must cut by the epoch's end and ask again. */
    DIVERGED,
    /** The follower holds nothing of the leader's log: it must begin again at the log start. */
    RESET
  }

  /**
   * The leader's side.
   *
   * @param followerEnd log end of the follower
   * @param followerLastEpoch leader epoch of its last record, or -1
   * @param leaderStart the leader's log start
   * @param leaderEnd the leader's log end
   * @param epoch the leader's largest epoch not above {@code followerLastEpoch}, or -1
   * @param epochEnd where that epoch ends in the leader's log
   */
  public static Verdict judge(
      long followerEnd,
      int followerLastEpoch,
      long leaderStart,
      long leaderEnd,
      int epoch,
      long epochEnd) {
    if (followerEnd < leaderStart) {
      return Verdict.RESET;
    }
    if (followerLastEpoch < 0) {
      return followerEnd <= leaderEnd ? Verdict.MATCHES : Verdict.RESET;
    }
    if (epoch < 0) {
      // All that the leader has is newer than all that the follower has: there is nothing to
      // compare.
      return Verdict.RESET;
    }
    return epoch == followerLastEpoch && followerEnd <= epochEnd
        ? Verdict.MATCHES
        : Verdict.DIVERGED;
  }

  /**
   * Whether a follower whose log is the beginning of the leader's may hold records that were
   * deleted by tombstones which the leader has no more (CMP-6). It has had all below its own end,
   * and misses none that its copy was begun without.
   *
   * @param followerHorizon tombstone horizon of the follower's log
   * @param leaderHorizon of the leader's
   */
  public static boolean missesTombstones(
      long followerEnd, long followerHorizon, long leaderStart, long leaderHorizon) {
    return followerEnd > leaderStart
        && followerEnd < leaderHorizon
        && followerHorizon < leaderHorizon;
  }

  /**
   * The follower's side: where it cuts.
   *
   * @param leaderEpochEnd end offset that the leader gave for its epoch
   * @param ownEpochEnd where the follower's largest epoch not above that one ends in its own log
   * @param ownEnd the follower's log end
   */
  public static long cutOffset(long leaderEpochEnd, long ownEpochEnd, long ownEnd) {
    return Math.min(Math.min(leaderEpochEnd, ownEpochEnd), ownEnd);
  }
}
