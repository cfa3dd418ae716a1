package io.highwater.perf.embedded;

import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.RecordVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.zip.CRC32C;

/** Reads the blocks of a file and checks them. */
final class FileFloorSource implements RecordSource {
  private static final int READ_BYTES = 1 << 20;

  private final FileChannel file;
  private final CRC32C crc = new CRC32C();
  private ByteBuffer bytes = ByteBuffer.allocate(READ_BYTES).flip();
  private long nextRecord;

  FileFloorSource(FileChannel file) {
    this.file = file;
  }

  /** Does not wait: nobody else writes. */
  @Override
  public int poll(Duration timeout, RecordVisitor visitor) {
    try {
      return fill() ? visitBlock(visitor) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the buffer hold a whole block, unless the file ends before. */
  private boolean fill() throws IOException {
    while (bytes.remaining() < Block.HEADER_BYTES || bytes.remaining() < blockBytes()) {
      if (bytes.remaining() >= Block.HEADER_BYTES && blockBytes() > bytes.capacity()) {
        bytes = ByteBuffer.allocate(blockBytes()).put(bytes).flip();
      }
      bytes.compact();
      int read = file.read(bytes);
      bytes.flip();
      if (read < 0) {
        return false;
      }
    }
    return true;
  }

  private int blockBytes() {
    return Block.HEADER_BYTES + bytes.getInt(bytes.position());
  }

  private int visitBlock(RecordVisitor visitor) throws IOException {
    int end = bytes.position() + blockBytes();
    int from = bytes.position() + Block.HEADER_BYTES;
    crc.reset();
    crc.update(bytes.array(), from, end - from);
    if ((int) crc.getValue() != bytes.getInt(bytes.position() + Integer.BYTES)) {
      throw new IOException("a block is damaged");
    }
    int records = 0;
    for (int at = from; at < end; records++) {
      int length = bytes.getInt(at);
      visitor.record(0, nextRecord++, bytes.array(), at + Integer.BYTES, length);
      at += Integer.BYTES + length;
    }
    bytes.position(end);
    return records;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
