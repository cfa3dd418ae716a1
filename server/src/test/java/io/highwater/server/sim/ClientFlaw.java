package io.highwater.server.sim;

/** What is done wrong between clients and brokers on purpose, to see that it is found. */
enum ClientFlaw {
  /** Nothing. */
  NONE,
  /** A follower sends what it has, committed or not (REP-6). */
  FOLLOWER_SENDS_UNCOMMITTED,
  /** A reader that moves to another broker goes on one record later (CON-1). */
  POSITION_SKIPS_A_RECORD,
  /** The offset of a batch is told as that of the one after it (STO-1). */
  RECEIPT_NAMES_ANOTHER_OFFSET
}
