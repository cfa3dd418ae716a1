package io.highwater.replication.control;

/**
 * How often there was something that may have cost committed records, or showed that some are gone.
 *
 * @param unclean elections of whoever was there, by an operator's word or the topic's setting
 * @param longestLog elections of the longest log after every candidate had restarted uncleanly
 *     (ISR-4), but for those where all had only been killed
 * @param foundMissing losses that a replica found which no election had told of
 */
public record LossCounts(long unclean, long longestLog, long foundMissing) {
  /** There was nothing. */
  public static final LossCounts NONE = new LossCounts(0, 0, 0);

  LossCounts and(RecordLoss.Cause cause) {
    return switch (cause) {
      case UNCLEAN_ELECTION -> new LossCounts(unclean + 1, longestLog, foundMissing);
      case ALL_UNCLEAN -> new LossCounts(unclean, longestLog + 1, foundMissing);
      case FOUND_MISSING -> new LossCounts(unclean, longestLog, foundMissing + 1);
      case ALL_KILLED -> this;
    };
  }
}
