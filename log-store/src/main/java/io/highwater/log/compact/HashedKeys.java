package io.highwater.log.compact;

import io.highwater.proto.record.RecordCursor;

/**
 * What compaction wants to know of some neighbouring records: offset, hash of the key, whether
 * there is a value. Gathering a few hundred lets {@link OffsetMap#prefetch} wait for their slots
 * all at once. Bounded; one thread.
 */
final class HashedKeys {
  private static final int MAX_RECORDS = 512;

  private final SipHash128 hash;
  private final long[] offsets = new long[MAX_RECORDS];
  private final long[] highs = new long[MAX_RECORDS];
  private final long[] lows = new long[MAX_RECORDS];
  private final boolean[] hasKey = new boolean[MAX_RECORDS];
  private final boolean[] hasValue = new boolean[MAX_RECORDS];
  private int count;

  HashedKeys(SipHash128 hash) {
    this.hash = hash;
  }

  /**
   * Takes the next records of a batch in the place of those before.
   *
   * @return false when there are none
   */
  boolean read(RecordCursor records) {
    count = 0;
    while (count < MAX_RECORDS && records.next()) {
      offsets[count] = records.offset();
      hasValue[count] = records.hasValue();
      hasKey[count] = records.hasKey();
      if (records.hasKey()) {
        hash.hash(records.buffer(), records.keyOffset(), records.keyLength());
        highs[count] = hash.high();
        lows[count] = hash.low();
      }
      count++;
    }
    return count > 0;
  }

  /** Records held. */
  int count() {
    return count;
  }

  long offset(int record) {
    return offsets[record];
  }

  boolean hasKey(int record) {
    return hasKey[record];
  }

  boolean hasValue(int record) {
    return hasValue[record];
  }

  /** The first half of the hash; anything for a record without key. */
  long high(int record) {
    return highs[record];
  }

  /** The other half. */
  long low(int record) {
    return lows[record];
  }
}
