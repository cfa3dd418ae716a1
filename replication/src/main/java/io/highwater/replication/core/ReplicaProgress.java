package io.highwater.replication.core;

/** How far one follower is, as far as the leader was told in this epoch. */
public final class ReplicaProgress {
  /** Not heard of in this leader epoch. */
  public static final long UNKNOWN = -1;

  private final int brokerId;
  private final long sinceMs;
  private long brokerEpoch = UNKNOWN;
  private long logEndOffset = UNKNOWN;
  private long flushedOffset = UNKNOWN;
  private long confirmedRound = RecencyRounds.NONE;
  private boolean following;
  private boolean lacksSpace;
  private long caughtUpAtMs;
  private long lastAckAtMs;
  private long leaderEndAtLastAck = Long.MAX_VALUE;

  ReplicaProgress(int brokerId, long nowMs) {
    this.brokerId = brokerId;
    this.sinceMs = nowMs;
    this.caughtUpAtMs = nowMs;
    this.lastAckAtMs = nowMs;
  }

  /** Whose progress. */
  public int brokerId() {
    return brokerId;
  }

  /** When it became a follower of this leader. */
  long sinceMs() {
    return sinceMs;
  }

  /** The registration under which it follows, or {@link #UNKNOWN}. */
  public long brokerEpoch() {
    return brokerEpoch;
  }

  /** Its acknowledged log end, or {@link #UNKNOWN} (REP-3). */
  public long logEndOffset() {
    return logEndOffset;
  }

  /** End of what it has fsynced, or {@link #UNKNOWN}. */
  public long flushedOffset() {
    return flushedOffset;
  }

  /** The newest round of recency that it confirmed (FEN-2), or {@link RecencyRounds#NONE}. */
  public long confirmedRound() {
    return confirmedRound;
  }

  void confirmed(long round) {
    confirmedRound = Math.max(confirmedRound, round);
  }

  /** Whether a stream is up on which it follows in this epoch. */
  boolean isFollowing() {
    return following;
  }

  /** Whether its disk takes no appends, as it said last. */
  boolean lacksSpace() {
    return lacksSpace;
  }

  void lacksSpace(boolean lacks) {
    lacksSpace = lacks;
  }

  /** Its stream ended; what it acknowledged still counts (REP-3). */
  void unfollowed() {
    following = false;
  }

  /**
   * The follower's log matches the leader's up to here; its end may be below an earlier one, when
   * it had to begin again.
   */
  void followed(long epoch, long end, long flushed, long leaderEnd, long nowMs) {
    following = true;
    brokerEpoch = epoch;
    logEndOffset = UNKNOWN;
    acked(end, flushed, leaderEnd, nowMs);
  }

  /** The follower holds everything below {@code end}. */
  void acked(long end, long flushed, long leaderEnd, long nowMs) {
    if (end >= leaderEnd) {
      caughtUpAtMs = nowMs;
    } else if (end >= leaderEndAtLastAck) {
      // It has all that the leader had when it last answered: it was caught up then.
      caughtUpAtMs = Math.max(caughtUpAtMs, lastAckAtMs);
    }
    lastAckAtMs = nowMs;
    leaderEndAtLastAck = leaderEnd;
    logEndOffset = Math.max(logEndOffset, end);
    flushedOffset = flushed;
  }

  /** The leader's log is about to grow from {@code leaderEnd}. */
  void leaderAppends(long leaderEnd, long nowMs) {
    if (logEndOffset >= leaderEnd) {
      caughtUpAtMs = nowMs;
    }
  }

  boolean lagsSince(long deadlineMs, long leaderEnd) {
    return logEndOffset < leaderEnd && caughtUpAtMs <= deadlineMs;
  }
}
