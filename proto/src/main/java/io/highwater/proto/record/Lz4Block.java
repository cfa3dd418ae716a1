package io.highwater.proto.record;

import java.io.IOException;

/**
 * One LZ4 block, inflated piece by piece.
 *
 * <pre>
 *   { token: literals u4, repeated - 4 u4 | [more literals, 255 goes on] | literals
 *     | distance u16 little-endian | [more repeated] }...   the last sequence ends with its literals
 * </pre>
 */
final class Lz4Block {
  private static final int MAX_DISTANCE = 64 * 1024 - 1;
  private static final int LONG = 15;
  private static final int MIN_REPEATED = 4;

  private final BlockHistory history = new BlockHistory(MAX_DISTANCE);
  private byte[] input;
  private int position;
  private int end;
  private int literalsLeft;
  private int repeatedLeft;
  private int distance;
  private int token;
  private boolean inLiterals;

  /** Goes before the first piece of a block of at most {@code mostBytes}. */
  void begin(byte[] array, int offset, int length, int mostBytes) throws IOException {
    input = array;
    position = offset;
    end = offset + length;
    repeatedLeft = 0;
    history.begin(mostBytes);
    readLiterals();
  }

  /** Appends the next piece to {@code target}; 0 when there is none. */
  int inflateInto(RecordBytes target) throws IOException {
    history.beginPiece();
    while (history.room() > 0 && (inLiterals || repeatedLeft > 0)) {
      if (inLiterals) {
        copyLiterals();
      } else {
        int now = Math.min(repeatedLeft, history.room());
        history.repeat(distance, now);
        repeatedLeft -= now;
        if (repeatedLeft == 0) {
          readLiterals();
        }
      }
    }
    return history.give(target);
  }

  /** Whether all was inflated. */
  boolean isDone() {
    return !inLiterals && repeatedLeft == 0;
  }

  int heldBytes() {
    return history.heldBytes();
  }

  void close() {
    history.close();
  }

  private void copyLiterals() throws IOException {
    int now = Math.min(literalsLeft, history.room());
    history.literals(input, position, now);
    position += now;
    literalsLeft -= now;
    if (literalsLeft == 0) {
      inLiterals = false;
      if (position < end) {
        readRepetition();
      }
    }
  }

  private void readLiterals() throws IOException {
    token = next();
    literalsLeft = length(token >> 4);
    if (literalsLeft > end - position) {
      throw new IOException("lz4 block cut off");
    }
    inLiterals = true;
  }

  private void readRepetition() throws IOException {
    distance = next() | next() << 8;
    repeatedLeft = Math.addExact(length(token & LONG), MIN_REPEATED);
  }

  private int length(int first) throws IOException {
    int length = first;
    if (first == LONG) {
      int more;
      do {
        more = next();
        length = Math.addExact(length, more);
      } while (more == 255);
    }
    return length;
  }

  private int next() throws IOException {
    if (position == end) {
      throw new IOException("lz4 block cut off");
    }
    return input[position++] & 0xff;
  }
}
