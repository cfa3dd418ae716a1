package io.highwater.perf.load;

/**
 * Records counted and summed in no order, so that who reads can be compared with who wrote.
 *
 * @param records how many
 * @param bytes of their values
 * @param checksum sum of the CRC32C of their values, as unsigned numbers
 */
public record Tally(long records, long bytes, long checksum) {
  /** No records. */
  public static final Tally NONE = new Tally(0, 0, 0);

  /** Both together. */
  public Tally plus(Tally other) {
    return new Tally(records + other.records, bytes + other.bytes, checksum + other.checksum);
  }
}
