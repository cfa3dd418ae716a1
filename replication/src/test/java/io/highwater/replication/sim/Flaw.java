package io.highwater.replication.sim;

/** What a cluster does wrong on purpose, to see that it is found; see {@link Sabotage}. */
public enum Flaw {
  /** Nothing. */
  NONE,
  /** A new follower cuts its log to its own high watermark, as before KIP-101 (LEP-3). */
  TRUNCATE_TO_HIGH_WATERMARK,
  /** acks=all is answered when the leader has appended (ACK-1). */
  ACK_BEFORE_HIGH_WATERMARK,
  /** Whoever waits for an append is told of a refusal when nobody knows how it ends (ACK-2). */
  CALL_UNKNOWN_REFUSED,
  /** The high watermark does not wait for members that a proposal may have added (ISR-1). */
  COUNT_COMMITTED_ISR_ONLY,
  /** Frames and proposals of any leader epoch pass for such of the present one (FEN-1, ISR-2). */
  SKIP_EPOCH_CHECK,
  /** A new leader knows nothing of producers (IDM-3). */
  FORGET_PRODUCERS_AT_FAILOVER,
  /** Whoever lost data may lead (ISR-4). */
  ELECT_UNCLEAN_REPLICA,
  /** Under group commit what is only written counts as kept (REP-7). */
  SKIP_FSYNC,
  /** A broker is in sync as soon as it is registered (ISR-3). */
  JOIN_BEFORE_CAUGHT_UP,
  /** The high watermark goes on below min.insync.replicas (REP-3). */
  ADVANCE_BELOW_MIN_ISR,
  /** Replicas that a reassignment brings are in sync at once, so it is over at once (ISR-3). */
  MOVE_BEFORE_CAUGHT_UP,
  /** Replicas that a reassignment takes away delete their data when it begins (CTL-5). */
  DELETE_BEFORE_MOVED,
  /** A log directory that does not open is taken for one that there never was (REC-3). */
  FORGET_DEAD_DIRECTORY,
  /** The election of the longest log that was left passes for one that costs nothing (LEP-7). */
  LOSS_NOT_RECORDED,
  /** A reader is judged by its offset alone, not by what it has read (CON-1). */
  READERS_EPOCH_IGNORED,
  /** A controller that is deaf, or whose data loop stands, keeps the quorum (CTL-6). */
  SICK_CONTROLLER_STAYS,
  /** What a broker says through the quorum is no sign of life (CTL-7). */
  FENCE_WHO_THE_QUORUM_HEARS,
  /** Whose disk is full keeps what it leads, and is waited for (ISR-7). */
  IGNORE_FULL_DISKS,
  /** A leader that hears none of its followers goes on leading (ISR-6). */
  DEAF_LEADER_STAYS,
  /** Logs that end in the same epoch at the same offset are taken for equal (REP-9). */
  TRUST_EQUAL_ENDS,
  /** A follower goes on although its leader has dropped tombstones that it never had (CMP-6). */
  FORGET_TOMBSTONES,
  /** Files do not say whose they are (STO-11). */
  TRUST_ANY_FILE,
  /** A broker that lost power says that it was only killed (REC-8). */
  TAKE_POWER_LOSS_FOR_A_KILL
}
