package io.highwater.replication.control;

/**
 * What an election cost: committed records from an offset on may be gone (LEP-7). Readers who carry
 * leader epochs are judged by the log itself; this is for people, and for readers who do not.
 *
 * @param leaderEpoch the epoch that began with it
 * @param fromOffset first offset that may be lost: what is below is as it was committed; {@link
 *     #UNKNOWN} when nobody told. Equal to {@code endOffset}: nothing is lost
 * @param endOffset exclusive end of what is known to have been there, there may have been more;
 *     {@link #UNKNOWN} when nothing is known to be missing
 * @param cause how it came to that
 * @param acknowledged whether an operator knows of it; readers are judged by it all the same
 */
public record RecordLoss(
    int leaderEpoch, long fromOffset, long endOffset, Cause cause, boolean acknowledged) {
  /** Stands for an offset that nobody told. */
  public static final long UNKNOWN = -1;

  /** How it came to that. */
  public enum Cause {
    /** Whoever was there was elected, whatever he lacked. */
    UNCLEAN_ELECTION,
    /**
     * All that were in sync last had restarted uncleanly or been offline; the longest log leads
     * (ISR-4).
     */
    ALL_UNCLEAN,
    /** A replica held what was committed and the leader does not have. */
    FOUND_MISSING,
    /**
     * As {@link #ALL_UNCLEAN}, but all were only killed: nothing is missing unless files were
     * replaced or removed meanwhile, which shows only where a checkpoint knew of more (REC-8).
     */
    ALL_KILLED
  }

  /** One that nobody acknowledged yet. */
  public RecordLoss(int leaderEpoch, long fromOffset, long endOffset, Cause cause) {
    this(leaderEpoch, fromOffset, endOffset, cause, false);
  }

  /** The election of the longest log while every acknowledged record was on a disk. */
  static RecordLoss none(int leaderEpoch, long endOffset) {
    return new RecordLoss(leaderEpoch, endOffset, endOffset, Cause.ALL_UNCLEAN);
  }

  /** Whether nothing committed can be missing. */
  public boolean isNone() {
    return fromOffset != UNKNOWN && fromOffset == endOffset;
  }

  /** Whether nothing speaks for anything to be missing, so that nobody needs to be alarmed. */
  public boolean isHarmless() {
    return isNone() || cause == Cause.ALL_KILLED;
  }

  /** Whether an operator still has to be told. */
  public boolean isOpen() {
    return !isHarmless() && !acknowledged;
  }

  /** The same, of which an operator knows, if it is one. */
  RecordLoss acknowledgedByOperator() {
    return new RecordLoss(leaderEpoch, fromOffset, endOffset, cause, !isHarmless());
  }

  /** Whether something committed is known to be missing. */
  public boolean isCertain() {
    return endOffset > fromOffset;
  }

  /** Whether what a reader has read before an offset may be lost, or be another record now. */
  public boolean touches(long offset) {
    return !isNone() && fromOffset < offset;
  }

  /** Whether it tells already that offsets from one to another are lost. */
  boolean covers(long from, long end) {
    return cause != Cause.ALL_KILLED && touches(end) && fromOffset <= from;
  }

  RecordLoss withEndOffset(long end) {
    return end <= endOffset ? this : new RecordLoss(leaderEpoch, fromOffset, end, cause);
  }

  /** Two as one, when there is no room for both: it tells no less. */
  RecordLoss and(RecordLoss later) {
    return new RecordLoss(
        later.leaderEpoch,
        Math.min(fromOffset, later.fromOffset),
        Math.max(endOffset, later.endOffset),
        cause,
        acknowledged && later.acknowledged);
  }

  /** For people. */
  public String text() {
    return switch (cause) {
      case UNCLEAN_ELECTION ->
          "the unclean election of leader epoch " + leaderEpoch + " lost " + committedFrom();
      case ALL_UNCLEAN -> afterAllUnclean();
      case FOUND_MISSING ->
          "a replica held what leader epoch " + leaderEpoch + " lacks: " + committedFrom();
      case ALL_KILLED ->
          "all brokers whose replicas were in sync last had been killed while their machines went on,"
              + " or had their log directories away, so leader epoch "
              + leaderEpoch
              + " began with the longest log: a kill takes nothing that was acknowledged, so nothing"
              + " is missing unless log files were replaced or removed before the restart";
    };
  }

  private String afterAllUnclean() {
    String how =
        "all replicas that were in sync last had restarted uncleanly, or their logs had been offline, so leader epoch "
            + leaderEpoch
            + " began with the longest log that was left: ";
    if (isNone()) {
      return how + "it has everything, since acknowledgements wait for the disk";
    }
    return isCertain()
        ? how + "lost is " + committedFrom()
        : how + "lost is, if anything, " + committedFrom() + "; nothing is known to be missing";
  }

  private String committedFrom() {
    return "what was committed from "
        + (fromOffset == UNKNOWN ? "an unknown offset" : "offset " + fromOffset)
        + " on"
        + (isCertain() ? ", up to " + endOffset + " as far as is known" : "");
  }
}
