package io.highwater.proto.record;

import java.io.IOException;

/**
 * Inflates a batch's records piece by piece. Used for one batch after the other; what it needs
 * outside the heap it keeps until it is closed. One thread.
 */
interface BlockSource extends AutoCloseable {
  /** The most that one piece comes to. */
  int PIECE_BYTES = 64 * 1024;

  /**
   * Goes before the first piece of a batch, whatever came before.
   *
   * @param input holds {@code length} compressed bytes from {@code offset}; borrowed until the next
   *     call
   */
  void begin(byte[] input, int offset, int length);

  /**
   * Appends the next piece: one byte at least, {@link #PIECE_BYTES} at most.
   *
   * @return false when all has been inflated, and nothing but one whole stream was there
   * @throws IOException when the compressed bytes make no sense
   */
  boolean inflateInto(RecordBytes target) throws IOException;

  /** Bytes held on the heap and outside, about. */
  int heldBytes();

  /** Frees what is held outside the heap; {@link #begin} takes it again. */
  @Override
  default void close() {}
}
