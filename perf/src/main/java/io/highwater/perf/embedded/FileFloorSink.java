package io.highwater.perf.embedded;

import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/** Writes blocks into a file. */
final class FileFloorSink implements RecordSink {
  private final FileChannel file;
  private final Block block = new Block();
  private final OpenSends sends = new OpenSends();
  private final CRC32C crc = new CRC32C();

  FileFloorSink(FileChannel file) {
    this.file = file;
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    if (!block.takes(payload.length)) {
      flush();
    }
    block.add(payload);
    sends.add(token, completion);
  }

  @Override
  public void flush() {
    if (block.isEmpty()) {
      return;
    }
    crc.reset();
    crc.update(block.array(), Block.HEADER_BYTES, block.recordBytes());
    ByteBuffer bytes = block.close((int) crc.getValue());
    IOException failure = null;
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException e) {
      failure = e;
    }
    block.reset();
    sends.complete(failure);
  }

  @Override
  public void close() {
    flush();
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
