package io.highwater.client.cli;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Lines of a byte stream: split at LF only, every other byte kept. What follows the last LF is a
 * line of its own unless it is empty. Holds one chunk and at most one line of the longest length
 * allowed; one thread at a time.
 */
public final class LineReader {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final byte[] NOTHING = {};

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private int position;
  private int limit;
  private byte[] partial = NOTHING;
  private int partialBytes;
  private long lineNumber;
  private long bytesRead;

  /**
   * @param in read in chunks; the caller closes it
   * @param maxLineBytes longest line that is handed out, without its LF
   */
  public LineReader(InputStream in, int maxLineBytes) {
    if (maxLineBytes < 0) {
      throw new IllegalArgumentException("maxLineBytes " + maxLineBytes + " is negative");
    }
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /**
   * The next line without its LF, in an array of its own, or null at the end of the stream.
   *
   * @throws HighwaterException MESSAGE_TOO_LARGE naming the line, as soon as one byte too many has
   *     been seen: the rest of it is not read. The reader is of no use afterwards.
   */
  public byte[] next() throws IOException {
    while (true) {
      int end = indexOfLineFeed();
      if (end >= 0) {
        byte[] line = take(end);
        position++;
        return line;
      }
      keep();
      int read = in.read(chunk, 0, chunk.length);
      if (read < 0) {
        return partialBytes == 0 ? null : take(position);
      }
      position = 0;
      limit = read;
      bytesRead += read;
    }
  }

  /** The number of the line handed out last, counted from 1; 0 before the first. */
  public long lineNumber() {
    return lineNumber;
  }

  /** Where the next line begins, in bytes from the start of the stream. */
  public long nextPosition() {
    return bytesRead - (limit - position);
  }

  private int indexOfLineFeed() {
    for (int i = position; i < limit; i++) {
      if (chunk[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private byte[] take(int end) {
    checkLength(end);
    byte[] line = new byte[partialBytes + end - position];
    System.arraycopy(partial, 0, line, 0, partialBytes);
    System.arraycopy(chunk, position, line, partialBytes, end - position);
    position = end;
    partialBytes = 0;
    lineNumber++;
    return line;
  }

  private void keep() {
    checkLength(limit);
    int bytes = limit - position;
    if (partial.length - partialBytes < bytes) {
      partial = Arrays.copyOf(partial, Math.max(partialBytes + bytes, partial.length * 2));
    }
    System.arraycopy(chunk, position, partial, partialBytes, bytes);
    partialBytes += bytes;
    position = limit;
  }

  private void checkLength(int end) {
    if ((long) partialBytes + end - position > maxLineBytes) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          "line " + (lineNumber + 1) + " is longer than " + maxLineBytes + " bytes");
    }
  }
}
