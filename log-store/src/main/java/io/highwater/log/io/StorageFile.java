package io.highwater.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * One open file. Positional reads and writes move no shared position, so reads from any thread may
 * run beside the one writer.
 */
public interface StorageFile extends Closeable {
  /** What {@link #transferTo} copies at once, where it has to. */
  int TRANSFER_PIECE_BYTES = 64 << 10;

  /**
   * Reads up to {@code into.remaining()} bytes from {@code position}.
   *
   * @return bytes read, or -1 at or past the end of the file
   */
  int read(ByteBuffer into, long position) throws IOException;

  /** Writes some bytes at {@code position}, maybe fewer than asked, and returns how many. */
  int write(ByteBuffer from, long position) throws IOException;

  /** Bytes in the file. */
  long size() throws IOException;

  /** Cuts the file to {@code size} bytes; does nothing when it is shorter. */
  void truncate(long size) throws IOException;

  /** Makes the bytes written so far survive a power loss. A failure is final: never retry it. */
  void force() throws IOException;

  /**
   * Gives the descriptor back until the next use, which opens the file again. Does nothing while
   * bytes are written, or written and not forced: the system tells of their loss only to those who
   * had the file open. Any thread.
   */
  default void rest() throws IOException {}

  @Override
  void close() throws IOException;

  /**
   * Writes bytes of the file to a channel, without a copy in the program where both can.
   *
   * @param position in the file
   * @param count at most so many bytes
   * @return bytes written, maybe fewer
   */
  default long transferTo(long position, long count, WritableByteChannel target)
      throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(count, TRANSFER_PIECE_BYTES));
    readFully(piece, position);
    return target.write(piece.flip());
  }

  /** Reads until {@code into} is full or the file ends; returns the bytes read. */
  default int readFully(ByteBuffer into, long position) throws IOException {
    int total = 0;
    while (into.hasRemaining()) {
      int read = read(into, position + total);
      if (read < 0) {
        break;
      }
      total += read;
    }
    return total;
  }

  /** Writes all of {@code from}; on failure any part of it may be in the file. */
  default void writeFully(ByteBuffer from, long position) throws IOException {
    long next = position;
    while (from.hasRemaining()) {
      int written = write(from, next);
      if (written <= 0) {
        throw new IOException("wrote nothing of " + from.remaining() + " bytes");
      }
      next += written;
    }
  }
}
