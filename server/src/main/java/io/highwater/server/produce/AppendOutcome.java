package io.highwater.server.produce;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.replication.AppendReceipt;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.PartitionException;

/**
 * How an append ended.
 *
 * @param error NONE on success
 * @param outcome DONE exactly on success (ACK-2)
 * @param text for people; empty on success
 * @param receipt where the batch is; null on failure and for acks=0
 * @param leader who would have taken it, or null
 */
public record AppendOutcome(
    ErrorCode error, Outcome outcome, String text, AppendReceipt receipt, LeaderHint leader) {
  /** The answer of acks=0, which says nothing. */
  static final AppendOutcome UNACKNOWLEDGED =
      new AppendOutcome(ErrorCode.NONE, Outcome.DONE, "", null, null);

  /** A request that did not get as far as a replica. */
  public static AppendOutcome refused(HighwaterException refusal) {
    return failed(
        refusal.code(),
        Outcome.REFUSED,
        refusal.getMessage(),
        refusal instanceof PartitionException redirect ? redirect.leader().orElse(null) : null);
  }

  /** Success, with the receipt. */
  public static AppendOutcome appended(AppendReceipt receipt) {
    return new AppendOutcome(ErrorCode.NONE, Outcome.DONE, "", receipt, null);
  }

  /** Failure, REFUSED or UNKNOWN. */
  public static AppendOutcome failed(
      ErrorCode error, Outcome outcome, String text, LeaderHint leader) {
    return new AppendOutcome(error, outcome, text, null, leader);
  }
}
