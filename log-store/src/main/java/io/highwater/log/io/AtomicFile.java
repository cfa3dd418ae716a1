package io.highwater.log.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small state file that changes as a whole or not at all: write a temporary one, fsync, rename,
 * fsync the directory (STO-9).
 *
 * <p>Kafka's text formats have no room for a checksum. {@link #writeChecked} puts it into a sidecar
 * named {@code <file>.crc} that Kafka ignores. The sidecar names the new content and the one before
 * it, so that a crash between the two renames leaves a pair that still matches. The checksum covers
 * whose file it is as well: another's does not match (STO-11).
 */
public final class AtomicFile {
  /** Suffix of a file that is being written; left behind only by a crash. */
  public static final String TEMPORARY_SUFFIX = ".tmp";

  /** Suffix of the checksum sidecar. */
  public static final String CHECKSUM_SUFFIX = ".crc";

  /** Of a file that is the same whosever it is. */
  private static final byte[] NOBODY = {};

  private static final long PLAIN = 1L << 32;
  private static final long OWNED = 2L << 32;
  private static final int SIDECAR_BYTES = 16;
  private static final int MAX_BYTES = 64 << 20;

  private AtomicFile() {}

  /** Replaces the content of {@code file}; it is durable when this returns. */
  public static void write(Storage storage, Path file, byte[] content) throws IOException {
    replace(storage, file, content);
    storage.syncDirectory(file.getParent());
  }

  /**
   * As {@link #write}, with a checksum beside it for {@link #readChecked}; nobody's in particular.
   */
  public static void writeChecked(Storage storage, Path file, byte[] content) throws IOException {
    writeChecked(storage, file, content, NOBODY);
  }

  /**
   * As {@link #write}, with a checksum beside it for {@link #readChecked}.
   *
   * @param owner whose file it is
   */
  public static void writeChecked(Storage storage, Path file, byte[] content, byte[] owner)
      throws IOException {
    // Of sound content only: a crash in between must not make a damaged file pass for sound.
    long before = readChecked(storage, file, owner).map(sound -> sumOf(sound, owner)).orElse(0L);
    ByteBuffer sidecar = ByteBuffer.allocate(SIDECAR_BYTES);
    sidecar.putLong(sumOf(content, owner)).putLong(before);
    replace(storage, sidecarOf(file), sidecar.array());
    write(storage, file, content);
  }

  /** As the other, of a file that is nobody's in particular. */
  public static Optional<byte[]> readChecked(Storage storage, Path file) throws IOException {
    return readChecked(storage, file, NOBODY);
  }

  /**
   * The content of a file written by {@link #writeChecked}, or by Kafka, without a checksum; empty
   * when it is absent, does not match its checksum or is another owner's, which all mean "unknown",
   * never "empty".
   */
  public static Optional<byte[]> readChecked(Storage storage, Path file, byte[] owner)
      throws IOException {
    byte[] content;
    try {
      content = storage.readAll(file, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    byte[] sidecar;
    try {
      sidecar = storage.readAll(sidecarOf(file), MAX_BYTES);
    } catch (NoSuchFileException e) {
      // We write the sidecar first: a file without one is not ours.
      return Optional.of(content);
    }
    if (sidecar.length != SIDECAR_BYTES) {
      return Optional.empty();
    }
    ByteBuffer sums = ByteBuffer.wrap(sidecar);
    return matches(sums.getLong(0), content, owner)
            || matches(sums.getLong(Long.BYTES), content, owner)
        ? Optional.of(content)
        : Optional.empty();
  }

  /** Versions before the owner counted wrote plain sums. */
  private static boolean matches(long sum, byte[] content, byte[] owner) {
    return sum == sumOf(content, owner) || sum == sumOf(content, NOBODY);
  }

  /** Whether a file has a checksum beside it, which Kafka's have not. */
  public static boolean isChecked(Storage storage, Path file) throws IOException {
    return storage.exists(sidecarOf(file));
  }

  private static Path sidecarOf(Path file) {
    return file.resolveSibling(file.getFileName() + CHECKSUM_SUFFIX);
  }

  private static void replace(Storage storage, Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY_SUFFIX);
    try (StorageFile open = storage.open(temporary, Storage.OpenMode.CREATE_OR_WRITE)) {
      open.truncate(0);
      open.writeFully(ByteBuffer.wrap(content), 0);
      open.force();
    }
    storage.rename(temporary, file);
  }

  /** Tagged, so that the checksum of no content is not the zero of a blank sidecar. */
  private static long sumOf(byte[] content, byte[] owner) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    crc.update(owner);
    return (owner.length == 0 ? PLAIN : OWNED) | crc.getValue();
  }
}
