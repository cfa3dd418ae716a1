package io.highwater.perf.compare;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Fills free memory with clean pages of a sparse file. A virtual machine may give free memory back
 * to its host; the first write into a page then costs several times the write itself, so that a
 * measurement shows the host and not the system. Pages that hold something clean are reused without
 * that.
 */
public final class PageCache implements AutoCloseable {
  /** Free memory that is left, as a share of all. */
  private static final double LEFT_FREE = 0.03;

  private static final int CHUNK_BYTES = 1 << 20;
  private static final int CHUNKS_BETWEEN_LOOKS = 64;

  private final Path file;
  private final FileChannel channel;
  private final long totalBytes;
  private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private long position;

  private PageCache(Path file, FileChannel channel, long totalBytes) {
    this.file = file;
    this.channel = channel;
    this.totalBytes = totalBytes;
  }

  /**
   * Makes the sparse file, which takes no room on the disk.
   *
   * @param directory existing, on a file system with a page cache
   */
  public static PageCache in(Path directory) throws IOException {
    long total = memory("MemTotal:");
    Path file = Files.createTempFile(directory, "highwater-perf-", ".sparse");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(total);
    }
    return new PageCache(file, FileChannel.open(file), total);
  }

  /** Reads on until little memory is free, or the whole file has been read twice. */
  public void fill() throws IOException {
    long enough = (long) (totalBytes * LEFT_FREE);
    long most = 2 * totalBytes / CHUNK_BYTES;
    for (long chunks = 0; chunks < most; chunks++) {
      if (chunks % CHUNKS_BETWEEN_LOOKS == 0 && memory("MemFree:") <= enough) {
        return;
      }
      chunk.clear();
      int read = channel.read(chunk, position);
      position = read <= 0 ? 0 : position + read;
    }
  }

  /** Gives the memory back. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }

  private static long memory(String field) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElseThrow(() -> new IOException("/proc/meminfo does not tell " + field));
    }
  }
}
