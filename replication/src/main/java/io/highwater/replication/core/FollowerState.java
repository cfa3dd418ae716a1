package io.highwater.replication.core;

/**
 * One leader epoch of one partition, as a follower sees it.
 *
 * <pre>
 *                 stream up                  first push (the logs match)
 *   UNLINKED  -------------------> ASKED ---------------------------------> REPLICATING
 *      ^                           |   ^ ^                                       |
 *      |                   refused |   | | diverged, reset: cut, ask again       | gap: ask again
 *      |                           v   | +---------------------------------------+
 *      |                        REFUSED (asks again after a pause)
 *      +---- stream down, from anywhere
 * </pre>
 *
 * It appends nothing before the leader has found its log to match (LEP-5), and only batches of the
 * present epoch that continue its log (REP-7).
 */
public final class FollowerState {
  /** What the leader pushes meanwhile is in vain, so this is not a short one. */
  private static final long FAILED_PAUSE_MS = 1_000;

  /** Where it stands with its leader. */
  public enum Phase {
    /** No stream to the leader. */
    UNLINKED,
    /** Has said where its log ends, and waits for the leader's word. */
    ASKED,
    /** Its log matches the leader's and grows. */
    REPLICATING,
    /** The leader does not serve the partition now. */
    REFUSED
  }

  /** What to do with a frame that came. */
  public enum Verdict {
    /** Take it. */
    ACCEPT,
    /** It is not for this epoch, or comes from before the last question. */
    IGNORE,
    /** Something is missing: say again where the log ends. */
    ASK_AGAIN
  }

  private final int leader;
  private final int leaderEpoch;
  private final long refusedPauseMs;
  private Phase phase = Phase.UNLINKED;
  private long askAgainAtMs;

  /**
   * Begins an epoch.
   *
   * @param leader broker id
   * @param leaderEpoch of that leader
   * @param refusedPauseMs pause before it asks again after a refusal
   */
  public FollowerState(int leader, int leaderEpoch, long refusedPauseMs) {
    this.leader = leader;
    this.leaderEpoch = leaderEpoch;
    this.refusedPauseMs = refusedPauseMs;
  }

  /** Broker id of the leader. */
  public int leader() {
    return leader;
  }

  /** The epoch that this is about. */
  public int leaderEpoch() {
    return leaderEpoch;
  }

  /** Where it stands. */
  public Phase phase() {
    return phase;
  }

  /** The follower has said where its log ends. */
  public void asked() {
    phase = Phase.ASKED;
  }

  /** The stream to the leader broke. */
  public void unlinked() {
    phase = Phase.UNLINKED;
  }

  /**
   * The leader pushed.
   *
   * @param frameEpoch leader epoch of the frame
   * @param previousEndOffset where the frame says that the follower's log ends
   * @param logEndOffset where it does
   */
  public Verdict pushed(int frameEpoch, long previousEndOffset, long logEndOffset) {
    if (frameEpoch != leaderEpoch || phase == Phase.UNLINKED || phase == Phase.REFUSED) {
      return Verdict.IGNORE;
    }
    if (previousEndOffset == logEndOffset) {
      phase = Phase.REPLICATING;
      return Verdict.ACCEPT;
    }
    // What was pushed before an open question fits the log of that time, not today's.
    return phase == Phase.REPLICATING ? Verdict.ASK_AGAIN : Verdict.IGNORE;
  }

  /** The leader's word that the log must be cut or begun again; it answers the open question. */
  public Verdict corrected(int frameEpoch) {
    return frameEpoch == leaderEpoch && phase == Phase.ASKED ? Verdict.ACCEPT : Verdict.IGNORE;
  }

  /**
   * The leader holds something else; whether that is about the log as it is.
   *
   * @param endOffset exclusive end of where they differ
   * @param logEndOffset where the log ends now
   */
  public Verdict differs(int frameEpoch, long endOffset, long logEndOffset) {
    boolean current = phase == Phase.ASKED || phase == Phase.REPLICATING;
    return frameEpoch == leaderEpoch && current && endOffset <= logEndOffset
        ? Verdict.ACCEPT
        : Verdict.IGNORE;
  }

  /** The leader does not serve the partition. */
  public void refused(int frameEpoch, long nowMs) {
    if (frameEpoch == leaderEpoch && phase != Phase.UNLINKED) {
      phase = Phase.REFUSED;
      askAgainAtMs = nowMs + refusedPauseMs;
    }
  }

  /** What was pushed could not be taken: the disk is full, or the bytes make no sense. */
  public void failed(long nowMs) {
    if (phase != Phase.UNLINKED) {
      phase = Phase.REFUSED;
      askAgainAtMs = nowMs + FAILED_PAUSE_MS;
    }
  }

  /** Whether a pause after a refusal or failure is over. */
  public boolean asksAgain(long nowMs) {
    return phase == Phase.REFUSED && nowMs >= askAgainAtMs;
  }
}
