package io.highwater.proto.record;

import java.io.IOException;

/**
 * One snappy block, inflated piece by piece.
 *
 * <pre>
 *   length varint | { tag: what u2 | ... }...
 *   0  literals: length - 1 u6, from 60 on in the next 1 to 4 bytes | literals
 *   1  repetition: length - 4 u3, distance u11
 *   2  repetition: length - 1 u6, distance u16
 *   3  repetition: length - 1 u6, distance u32
 * </pre>
 */
final class SnappyBlock {
  /**
   * The format lets repetitions reach back to the block's beginning. Most libraries make them reach
   * 64 KiB, some through blocks of a few MiB; what reaches farther would have to be held whole.
   */
  static final int MAX_DISTANCE = 4 * 1024 * 1024;

  private static final int LONG_LITERALS = 60;

  private final BlockHistory history = new BlockHistory(MAX_DISTANCE);
  private byte[] input;
  private int position;
  private int end;
  private int declared;
  private int literalsLeft;
  private int repeatedLeft;
  private int distance;

  /** Goes before the first piece of a block that says it has {@code declaredBytes}. */
  void begin(byte[] array, int offset, int length, int declaredBytes) throws IOException {
    input = array;
    position = offset;
    end = offset + length;
    declared = declaredBytes;
    literalsLeft = 0;
    repeatedLeft = 0;
    history.begin(declaredBytes);
    while ((next() & 0x80) != 0) {
      // The length, which was read already.
    }
  }

  /** Appends the next piece to {@code target}; 0 when there is none. */
  int inflateInto(RecordBytes target) throws IOException {
    history.beginPiece();
    while (history.room() > 0) {
      if (literalsLeft > 0) {
        int now = Math.min(literalsLeft, history.room());
        history.literals(input, position, now);
        position += now;
        literalsLeft -= now;
      } else if (repeatedLeft > 0) {
        int now = Math.min(repeatedLeft, history.room());
        history.repeat(distance, now);
        repeatedLeft -= now;
      } else if (position < end) {
        readTag();
      } else {
        break;
      }
    }
    if (isDone() && history.total() != declared) {
      throw new IOException("snappy block of " + history.total() + " bytes says " + declared);
    }
    return history.give(target);
  }

  /** Whether all was inflated. */
  boolean isDone() {
    return position == end && literalsLeft == 0 && repeatedLeft == 0;
  }

  int heldBytes() {
    return history.heldBytes();
  }

  void close() {
    history.close();
  }

  private void readTag() throws IOException {
    int tag = next();
    int length = tag >> 2;
    switch (tag & 3) {
      case 0 -> readLiterals(length);
      case 1 -> {
        repeatedLeft = (length & 7) + 4;
        distance = tag >> 5 << 8 | next();
      }
      case 2 -> {
        repeatedLeft = length + 1;
        distance = number(2);
      }
      default -> {
        repeatedLeft = length + 1;
        distance = number(4);
      }
    }
  }

  private void readLiterals(int length) throws IOException {
    literalsLeft = length < LONG_LITERALS ? length + 1 : number(length - LONG_LITERALS + 1) + 1;
    if (literalsLeft <= 0 || literalsLeft > end - position) {
      throw new IOException("snappy block cut off");
    }
  }

  private int number(int bytes) throws IOException {
    int number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= next() << (8 * i);
    }
    return number;
  }

  private int next() throws IOException {
    if (position == end) {
      throw new IOException("snappy block cut off");
    }
    return input[position++] & 0xff;
  }
}
