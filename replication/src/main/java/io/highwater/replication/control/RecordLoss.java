package io.highwater.replication.control;

/**
 * What an unclean election cost: committed records from an offset on may be gone (LEP-7).
 *
 * @param leaderEpoch the epoch that began with it
 * @param fromOffset where the log of the elected replica ended, or {@link #UNKNOWN}
 * @param endOffset exclusive end of what another replica is known to have had; {@link #UNKNOWN}
 *     when nobody told more
 */
public record RecordLoss(int leaderEpoch, long fromOffset, long endOffset) {
  /** Stands for an offset that nobody told. */
  public static final long UNKNOWN = -1;

  /** For people. */
  public String text() {
    return "the unclean election of leader epoch "
        + leaderEpoch
        + " lost what was committed from "
        + (fromOffset == UNKNOWN ? "an unknown offset" : "offset " + fromOffset)
        + " on"
        + (endOffset == UNKNOWN ? "" : ", up to " + endOffset + " as far as is known");
  }
}
