package io.highwater.perf.load;

import java.util.zip.CRC32C;

/** Counts and sums what is read. Belongs to the reading thread; the count may be seen by others. */
final class TallyVisitor implements RecordVisitor {
  private final CRC32C crc = new CRC32C();
  private long records;
  private long bytes;
  private long checksum;
  private volatile long seenRecords;

  @Override
  public void record(int partition, long offset, byte[] array, int from, int length) {
    checksum += Payloads.checksum(crc, array, from, length) & 0xffff_ffffL;
    bytes += length;
    records++;
  }

  /** Lets other threads see the count. */
  void publish() {
    seenRecords = records;
  }

  /** How many there were at the last {@link #publish}; from any thread. */
  long seenRecords() {
    return seenRecords;
  }

  /** What was read; for the reading thread. */
  Tally tally() {
    return new Tally(records, bytes, checksum);
  }
}
