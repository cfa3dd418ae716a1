package io.highwater.client.cli;

import java.io.IOException;

/**
 * Records to produce, one after the other: a cursor, so that no record needs an object of its own.
 */
interface RecordSource {
  /**
   * Moves to the next record.
   *
   * @return false when there is none
   * @throws io.highwater.proto.HighwaterException MESSAGE_TOO_LARGE naming the line
   */
  boolean next() throws IOException;

  /** Key of the current record, or null; not to be changed. */
  byte[] key();

  /** Value of the current record; not to be changed. */
  byte[] value();

  /** How much of the whole lies before the next record: 0 to 1. */
  double progress();
}
