package io.highwater.perf.load;

/**
 * What records hold.
 *
 * @param recordBytes size of each generated record; ignored with a file
 * @param file its lines are the records, in turn; null to generate JSON-like records
 * @param seed of what is generated: the same seed and size are the same records
 */
public record PayloadSpec(int recordBytes, String file, long seed) {
  private static final long DEFAULT_SEED = 7450;

  public PayloadSpec {
    if (file == null && recordBytes < 1) {
      throw new IllegalArgumentException("a record of " + recordBytes + " bytes is not from 1");
    }
  }

  /** Generated records of this size. */
  public static PayloadSpec ofBytes(int recordBytes) {
    return new PayloadSpec(recordBytes, null, DEFAULT_SEED);
  }

  /** The lines of a file. */
  public static PayloadSpec ofFile(String file) {
    return new PayloadSpec(0, file, DEFAULT_SEED);
  }
}
