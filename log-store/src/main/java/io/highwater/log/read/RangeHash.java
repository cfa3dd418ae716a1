package io.highwater.log.read;

import io.highwater.log.PartitionLog;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the batches of a range of offsets are, in short: equal on all replicas of a partition below
 * its high watermark, as long as nothing was compacted (REP-2, REP-10).
 *
 * @param fromOffset where the range begins
 * @param endOffset exclusive end of the last batch that is in it
 * @param bytes of its batches
 * @param sha256 of these bytes as they are stored, in hexadecimal digits
 */
public record RangeHash(long fromOffset, long endOffset, long bytes, String sha256) {
  private static final int READ_BYTES = 64 << 10;

  /**
   * Reads a range. Waits for the disk; any thread that may.
   *
   * @param fromOffset within the log
   * @param ceilingOffset batches that end above it are left out
   * @param maxBytes nothing more is read when there are as many
   * @throws io.highwater.proto.HighwaterException as {@link PartitionLog#read}
   */
  public static RangeHash of(PartitionLog log, long fromOffset, long ceilingOffset, long maxBytes) {
    MessageDigest digest = newSha256();
    ByteBuffer into = ByteBuffer.allocate(READ_BYTES);
    long next = fromOffset;
    long bytes = 0;
    while (next < ceilingOffset && bytes < maxBytes) {
      ReadResult read = log.read(next, ceilingOffset, into.clear());
      if (read.neededBytes() > 0) {
        into = ByteBuffer.allocate(read.neededBytes());
        continue;
      }
      if (read.endOffset() == next) {
        break;
      }
      digest.update(into.array(), 0, read.bytes());
      bytes += read.bytes();
      next = read.endOffset();
    }
    return new RangeHash(fromOffset, next, bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
