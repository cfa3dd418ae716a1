package io.highwater.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file system as the log sees it, small enough for a simulation to lose unsynced writes, tear a
 * write, fill the disk or fail an fsync. Names are durable only after {@link #syncDirectory}, bytes
 * only after {@link StorageFile#force}. Every method may be called from any thread.
 *
 * <p>A full disk is reported as {@link StorageFullException}, any other fault as a plain {@link
 * IOException}.
 */
public interface Storage {

  /** How {@link #open} treats a file that is, or is not, there. */
  enum OpenMode {
    /** The file must exist; writes fail. */
    READ,
    /** The file must exist. */
    WRITE,
    /** The file must not exist. */
    CREATE,
    /** The file is created empty when it is not there. */
    CREATE_OR_WRITE
  }

  /**
   * Names (not paths) of everything directly inside {@code directory}, in ascending order.
   *
   * @throws java.nio.file.NoSuchFileException when there is no such directory
   */
  List<String> list(Path directory) throws IOException;

  /** True when a file or directory of that name exists. */
  boolean exists(Path path) throws IOException;

  /** True when {@code path} names a directory. */
  boolean isDirectory(Path path) throws IOException;

  /** True when {@code path} names a symbolic link, whatever that points to. */
  default boolean isLink(Path path) {
    return false;
  }

  /** Creates {@code directory} and its missing parents; does nothing when it is there. */
  void createDirectories(Path directory) throws IOException;

  /**
   * Opens a file; the caller closes it. A symbolic link is not followed (STO-12).
   *
   * @throws java.nio.file.NoSuchFileException when the mode needs a file and there is none
   * @throws java.nio.file.FileAlreadyExistsException when {@link OpenMode#CREATE} finds one
   */
  StorageFile open(Path file, OpenMode mode) throws IOException;

  /** Renames a file (replacing {@code to}) or a directory in one step. */
  void rename(Path from, Path to) throws IOException;

  /** Deletes a file or an empty directory; returns whether there was one. */
  boolean deleteIfExists(Path path) throws IOException;

  /** Makes the names inside {@code directory} survive a power loss. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Takes an exclusive lock on {@code file}, creating it when it is not there. The lock ends when
   * the returned handle is closed or the process dies.
   *
   * @throws StorageLockedException when another process, or another holder in this one, has it
   */
  Closeable lock(Path file) throws IOException;

  /**
   * Bytes in a file.
   *
   * @throws java.nio.file.NoSuchFileException when there is no such file
   */
  default long size(Path file) throws IOException {
    try (StorageFile open = open(file, OpenMode.READ)) {
      return open.size();
    }
  }

  /**
   * The whole content of a small file.
   *
   * @throws java.nio.file.NoSuchFileException when there is no such file
   * @throws IOException also when the file is larger than {@code maxBytes}
   */
  default byte[] readAll(Path file, int maxBytes) throws IOException {
    try (StorageFile open = open(file, OpenMode.READ)) {
      long size = open.size();
      if (size > maxBytes) {
        throw new IOException(file + " has " + size + " bytes, more than " + maxBytes);
      }
      ByteBuffer content = ByteBuffer.allocate((int) size);
      open.readFully(content, 0);
      byte[] bytes = new byte[content.position()];
      content.flip().get(bytes);
      return bytes;
    }
  }

  /**
   * Room on a file system.
   *
   * @param totalBytes of it
   * @param freeBytes that this process may still write
   */
  record Space(long totalBytes, long freeBytes) {}

  /**
   * What tells one run of the machine from the next: the same as long as nothing that was written
   * here can be lost but by a fault of the disk. Letters, digits and dashes, 64 at most; empty
   * where that is not known.
   */
  default Optional<String> machineRun() {
    return Optional.empty();
  }

  /** The room where {@code directory} is; more than anybody needs where that is not known. */
  default Space space(Path directory) throws IOException {
    return new Space(Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * Deletes a directory with all it holds, files first; does nothing when it is not there. Of
   * symbolic links in it the link goes, not what it points to.
   */
  default void deleteTree(Path directory) throws IOException {
    if (isLink(directory) || !isDirectory(directory)) {
      return;
    }
    for (String name : list(directory)) {
      Path child = directory.resolve(name);
      if (!isLink(child) && isDirectory(child)) {
        deleteTree(child);
      } else {
        deleteIfExists(child);
      }
    }
    deleteIfExists(directory);
  }
}
