package io.highwater.log.space;

/**
 * How much of its file system a log directory leaves free.
 *
 * @param reservedBytes of a file that is there to be given up: when the disk is full all the same,
 *     its room is for checkpoints, metadata and retention
 * @param minFreeBytes with less than this free nothing is appended
 * @param resumeFreeBytes from this on it is again
 */
public record SpaceLimits(long reservedBytes, long minFreeBytes, long resumeFreeBytes) {
  /** Appends go on until the disk refuses them. */
  public static final SpaceLimits NONE = new SpaceLimits(0, 0, 0);

  private static final long MAX_MIN_FREE_BYTES = 256L << 20;
  private static final long MAX_RESERVED_BYTES = 16L << 20;

  public SpaceLimits {
    if (reservedBytes < 0 || minFreeBytes < 2 * reservedBytes || resumeFreeBytes < minFreeBytes) {
      throw new IllegalArgumentException(
          "0 <= 2 * reserved "
              + reservedBytes
              + " <= min free "
              + minFreeBytes
              + " <= resume "
              + resumeFreeBytes);
    }
  }

  /**
   * What suits a file system of this size: 256 MiB free, on a small one a twentieth, and half as
   * much again to go on.
   */
  public static SpaceLimits suiting(long totalBytes) {
    long minFree = Math.min(MAX_MIN_FREE_BYTES, totalBytes / 20);
    return new SpaceLimits(
        Math.min(MAX_RESERVED_BYTES, minFree / 4), minFree, minFree + minFree / 2);
  }
}
