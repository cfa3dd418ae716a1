package io.highwater.perf.micro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** A file of its own, written from front to end and over again: the floor under a log. */
final class ScratchFile implements AutoCloseable {
  private final Path path;
  private final FileChannel file;
  private final CRC32C crc = new CRC32C();
  private long position;

  ScratchFile() throws IOException {
    path = Files.createTempFile("highwater-micro", ".floor");
    file = FileChannel.open(path, StandardOpenOption.WRITE);
  }

  /** Empties the file when {@code bytes} more would be too much for it. */
  void makeRoom(int bytes) throws IOException {
    if (position + bytes > ScratchLog.MAX_BYTES) {
      file.truncate(0);
      position = 0;
    }
  }

  /** Checks and writes all of {@code bytes}; returns the checksum. */
  long append(ByteBuffer bytes) throws IOException {
    crc.reset();
    crc.update(bytes.array(), bytes.arrayOffset(), bytes.limit());
    bytes.position(0);
    while (bytes.hasRemaining()) {
      position += file.write(bytes, position);
    }
    return crc.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.delete(path);
  }
}
