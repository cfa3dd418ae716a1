package io.highwater.replication.control;

import io.highwater.proto.internal.v1.LossCauseRecord;

/** Causes of losses as snapshots have them. */
final class LossCauses {
  private LossCauses() {}

  static LossCauseRecord record(RecordLoss.Cause cause) {
    return switch (cause) {
      case UNCLEAN_ELECTION -> LossCauseRecord.LOSS_CAUSE_RECORD_UNSPECIFIED;
      case ALL_UNCLEAN -> LossCauseRecord.LOSS_CAUSE_RECORD_ALL_UNCLEAN;
      case FOUND_MISSING -> LossCauseRecord.LOSS_CAUSE_RECORD_FOUND_MISSING;
      case ALL_KILLED -> LossCauseRecord.LOSS_CAUSE_RECORD_ALL_KILLED;
    };
  }

  /** Losses of old snapshots were all those of unclean elections. */
  static RecordLoss.Cause cause(LossCauseRecord record) {
    return switch (record) {
      case LOSS_CAUSE_RECORD_ALL_UNCLEAN -> RecordLoss.Cause.ALL_UNCLEAN;
      case LOSS_CAUSE_RECORD_FOUND_MISSING -> RecordLoss.Cause.FOUND_MISSING;
      case LOSS_CAUSE_RECORD_ALL_KILLED -> RecordLoss.Cause.ALL_KILLED;
      default -> RecordLoss.Cause.UNCLEAN_ELECTION;
    };
  }
}
