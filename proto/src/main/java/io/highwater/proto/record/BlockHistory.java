package io.highwater.proto.record;

import java.io.IOException;
import java.util.Arrays;

/**
 * What a block of literals and repetitions was inflated to so far, as far back as repetitions may
 * reach, so that large blocks are inflated in pieces: their libraries only do so as a whole.
 */
final class BlockHistory {
  private static final int INITIAL_BYTES = 2 * BlockSource.PIECE_BYTES;

  private final int reach;

  /** So that what is in reach moves to the front rarely. */
  private final int slack;

  private byte[] bytes = new byte[0];
  private int end;
  private int given;
  private int total;
  private int most;

  /**
   * @param reach how far back repetitions may reach
   */
  BlockHistory(int reach) {
    this.reach = reach;
    this.slack = Math.max(BlockSource.PIECE_BYTES, reach / 4);
  }

  /** Forgets what was; the block to come may inflate to {@code most} bytes. */
  void begin(int mostBytes) {
    end = 0;
    given = 0;
    total = 0;
    most = mostBytes;
  }

  /** Bytes inflated so far. */
  int total() {
    return total;
  }

  /** Bytes held. */
  int heldBytes() {
    return bytes.length;
  }

  /** Holds nothing any more. */
  void close() {
    bytes = new byte[0];
  }

  /** Makes room for the next piece, if need be at the expense of what lies beyond reach. */
  void beginPiece() {
    int longest = reach + slack + BlockSource.PIECE_BYTES;
    if (isShort() && bytes.length < longest) {
      int wanted = Math.max(INITIAL_BYTES, 2 * bytes.length);
      bytes = Arrays.copyOf(bytes, Math.min(longest, wanted));
    }
    if (isShort()) {
      System.arraycopy(bytes, end - reach, bytes, 0, reach);
      end = reach;
    }
    given = end;
  }

  private boolean isShort() {
    return bytes.length - end < BlockSource.PIECE_BYTES;
  }

  /** How many bytes this piece still has room for. */
  int room() {
    return given + BlockSource.PIECE_BYTES - end;
  }

  /** Appends {@code count} bytes, not more than {@link #room()}. */
  void literals(byte[] source, int offset, int count) throws IOException {
    count(count);
    System.arraycopy(source, offset, bytes, end, count);
    end += count;
  }

  /** Appends again what lies {@code distance} back, which may overlap what is appended. */
  void repeat(int distance, int count) throws IOException {
    if (distance <= 0 || distance > end || distance > reach) {
      throw new IOException("repetition of what lies " + distance + " bytes back");
    }
    count(count);
    int from = end - distance;
    int left = count;
    while (left > 0) {
      // Each round doubles what is there to be copied.
      int now = Math.min(left, end - from);
      System.arraycopy(bytes, from, bytes, end, now);
      end += now;
      left -= now;
    }
  }

  private void count(int more) throws IOException {
    if (more > most - total) {
      throw new IOException("block inflates to more than " + most + " bytes");
    }
    total += more;
  }

  /** Hands the piece on; returns its bytes. */
  int give(RecordBytes target) {
    int count = end - given;
    byte[] room = target.reserve(count);
    System.arraycopy(bytes, given, room, target.limit(), count);
    target.inflated(count);
    return count;
  }
}
