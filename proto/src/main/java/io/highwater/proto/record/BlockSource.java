package io.highwater.proto.record;

import java.io.Closeable;
import java.io.IOException;

/** Inflates a batch's records piece by piece. */
interface BlockSource extends Closeable {
  /**
   * Appends the next piece, one byte at least.
   *
   * @return false when all has been inflated
   * @throws IOException when the compressed bytes make no sense
   */
  boolean inflateInto(RecordBytes target) throws IOException;

  /** Frees what the codec holds outside the heap. */
  @Override
  default void close() throws IOException {}
}
