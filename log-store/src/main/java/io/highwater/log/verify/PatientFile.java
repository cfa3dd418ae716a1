package io.highwater.log.verify;

import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file on a disk that does not give all of it: zeros stand for the blocks that cannot be read,
 * and no checksum bears them out unless zeros were there. Only reads. One thread.
 */
public final class PatientFile implements StorageFile {
  private static final int BLOCK_BYTES = 4096;

  private final StorageFile file;
  private String failure;

  /**
   * @param file closed with this one
   */
  public PatientFile(StorageFile file) {
    this.file = file;
  }

  /** Why some bytes could not be read since this was asked last; null when all could. */
  String takeFailure() {
    String taken = failure;
    failure = null;
    return taken;
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    try {
      return file.read(into, position);
    } catch (IOException e) {
      into.position(start);
      return readBlock(into, position);
    }
  }

  /** At most to the end of the block, so that only what cannot be read is given up. */
  private int readBlock(ByteBuffer into, long position) throws IOException {
    long left = file.size() - position;
    if (left <= 0) {
      return -1;
    }
    int start = into.position();
    int limit = into.limit();
    long toBlockEnd = BLOCK_BYTES - position % BLOCK_BYTES;
    int bytes = (int) Math.min(limit - start, Math.min(toBlockEnd, left));
    try {
      into.limit(start + bytes);
      return file.read(into, position);
    } catch (IOException e) {
      failure = e.toString();
      into.position(start).put(new byte[bytes]);
      return bytes;
    } finally {
      into.limit(limit);
    }
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public int write(ByteBuffer from, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void truncate(long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void force() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
