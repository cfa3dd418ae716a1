package io.highwater.replication.control;

/**
 * What an election may have cost, by what replicas told of their logs (LEP-7). It may say too much,
 * never too little. Pure.
 */
final class LossEstimate {
  private LossEstimate() {}

  /** Of an unclean election; {@code winner} is null when nobody told anything of the log. */
  static RecordLoss unclean(PartitionImage p, ReportedEnd winner) {
    long known = p.knownCommitted().endOffset();
    for (ReportedEnd end : p.reportedEnds()) {
      known = Math.max(known, Math.max(end.logEndOffset(), end.highWatermark()));
    }
    long from = winner == null ? RecordLoss.UNKNOWN : firstLost(p, winner);
    long end = known > Math.max(from, 0) ? known : RecordLoss.UNKNOWN;
    return new RecordLoss(p.leaderEpoch() + 1, from, end, RecordLoss.Cause.UNCLEAN_ELECTION);
  }

  /** Of the election of the longest log of those that restarted uncleanly (ISR-4). */
  static RecordLoss longest(PartitionImage p, ReportedEnd winner, ElectionTerms terms) {
    long known = p.knownCommitted().endOffset();
    for (ReportedEnd end : p.reportedEnds()) {
      // What others knew may have been lost before, and told; who was killed had all of it still.
      if (p.lastEligible().contains(end.brokerId()) || p.killed().contains(end.brokerId())) {
        known = Math.max(known, end.highWatermark());
      }
    }
    int epoch = p.leaderEpoch() + 1;
    boolean missing = known > winner.logEndOffset();
    boolean kept = terms.keepsAcknowledged() && !missing && wholeLogReported(p, terms);
    if (!missing && onlyKilled(p, winner)) {
      return new RecordLoss(
          epoch,
          winner.logEndOffset(),
          kept ? winner.logEndOffset() : RecordLoss.UNKNOWN,
          RecordLoss.Cause.ALL_KILLED);
    }
    if (kept) {
      return RecordLoss.none(epoch, winner.logEndOffset());
    }
    return new RecordLoss(
        epoch,
        firstLost(p, winner),
        missing ? known : RecordLoss.UNKNOWN,
        RecordLoss.Cause.ALL_UNCLEAN);
  }

  /** A damaged replica tells what it knew to be committed, and not what it held. */
  private static boolean wholeLogReported(PartitionImage p, ElectionTerms terms) {
    return p.reportedEnds().stream()
        .anyMatch(
            end ->
                end.isTelling()
                    && p.lastEligible().contains(end.brokerId())
                    && terms.electable().test(end.brokerId()));
  }

  /**
   * Whether every candidate was only killed, so that one that had all that was committed has it
   * still, and the winner is one of them (if another replica's log is longer, something happened to
   * theirs) and begins with the whole log of such a one: because both end in the same epoch, or
   * because all that the other holds was committed as the winner knows. The former cannot be told
   * of logs that retention emptied.
   */
  private static boolean onlyKilled(PartitionImage p, ReportedEnd winner) {
    return p.killed().containsAll(p.uncleanCandidates())
        && p.killed().contains(winner.brokerId())
        && p.reportedEnds().stream()
            .filter(end -> end.isTelling() && p.lastEligible().contains(end.brokerId()))
            .anyMatch(
                end ->
                    end.logEndOffset() <= winner.logEndOffset()
                        && (end.lastEpoch() == winner.lastEpoch()
                            || end.logEndOffset() <= winner.highWatermark()));
  }

  /**
   * A log that had all that was committed has it up to its end still. Any other may have gone its
   * own way above what it knew to be committed, and above the end of one of the former that ends in
   * the same epoch: below, the two are equal.
   */
  private static long firstLost(PartitionImage p, ReportedEnd winner) {
    if (p.lastEligible().contains(winner.brokerId())) {
      return winner.logEndOffset();
    }
    long sure = Math.min(winner.highWatermark(), winner.logEndOffset());
    for (ReportedEnd end : p.reportedEnds()) {
      if (end.isTelling()
          && end.lastEpoch() == winner.lastEpoch()
          && p.lastEligible().contains(end.brokerId())) {
        sure = Math.max(sure, Math.min(end.logEndOffset(), winner.logEndOffset()));
      }
    }
    if (sure != ReportedEnd.UNKNOWN) {
      return sure;
    }
    return winner.lastEpoch() < p.knownCommitted().lastEpoch()
        ? RecordLoss.UNKNOWN
        : winner.logEndOffset();
  }
}
