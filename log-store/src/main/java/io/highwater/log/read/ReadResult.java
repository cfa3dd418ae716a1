package io.highwater.log.read;

/**
 * What a read put into the caller's buffer.
 *
 * @param bytes of whole batches, from the buffer's former position; 0 when there was nothing to
 *     read, or no room
 * @param firstBatchBaseOffset base offset of the first batch, which may lie below the offset asked
 *     for; the offset asked for when there is none
 * @param endOffset where the next read goes on: the exclusive end of the last batch; when there is
 *     none, the end of the gap that the offset asked for lies in, or that offset
 * @param previousEnd exclusive end of the batch before the first; equal to its base offset as long
 *     as nothing was compacted away
 * @param neededBytes 0, or when the first batch does not fit into the buffer, its size
 */
public record ReadResult(
    int bytes, long firstBatchBaseOffset, long endOffset, long previousEnd, int neededBytes) {

  static ReadResult nothingAt(long offset) {
    return nothingUpTo(offset, offset);
  }

  /** No batch between the two: what was there was compacted away. */
  static ReadResult nothingUpTo(long offset, long endOffset) {
    return new ReadResult(0, offset, endOffset, offset, 0);
  }

  static ReadResult needs(int bytes, long offset) {
    return new ReadResult(0, offset, offset, offset, bytes);
  }

  /** Whether nothing was read. */
  public boolean isEmpty() {
    return bytes == 0;
  }
}
