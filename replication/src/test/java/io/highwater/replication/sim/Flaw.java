package io.highwater.replication.sim;

/** What a broker does wrong on purpose, to see that the checker finds it. */
enum Flaw {
  /** Nothing. */
  NONE,
  /** A new follower cuts its log to its own high watermark, as before KIP-101 (LEP-3). */
  TRUNCATE_TO_HIGH_WATERMARK,
  /** acks=all is answered when the leader has appended (ACK-1). */
  ACK_BEFORE_HIGH_WATERMARK,
  /** The high watermark does not wait for members that a proposal may have added (ISR-1). */
  COUNT_COMMITTED_ISR_ONLY
}
