package io.highwater.proto.record;

/** Whose clock a batch's timestamps come from. */
public enum TimestampType {
  /** The producer's. */
  CREATE_TIME,
  /** The leader's, at the append: every record of the batch has the batch's max timestamp. */
  LOG_APPEND_TIME
}
