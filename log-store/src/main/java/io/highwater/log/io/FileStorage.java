package io.highwater.log.io;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The real file system. Stateless; one instance serves a whole process. */
public final class FileStorage implements Storage {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int MAX_BOOT_ID_BYTES = 64;

  /** Linux has an id for each start of its kernel. */
  @Override
  public Optional<String> machineRun() {
    try (InputStream in = Files.newInputStream(BOOT_ID)) {
      byte[] id = in.readNBytes(MAX_BOOT_ID_BYTES);
      return Optional.of(new String(id, StandardCharsets.US_ASCII).strip())
          .filter(text -> text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public boolean isDirectory(Path path) {
    return Files.isDirectory(path);
  }

  @Override
  public boolean isLink(Path path) {
    return Files.isSymbolicLink(path);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw classified(e);
    }
  }

  @Override
  public StorageFile open(Path file, OpenMode mode) throws IOException {
    try {
      return new ChannelFile(file, mode);
    } catch (IOException e) {
      throw classified(e);
    }
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw classified(e);
    }
  }

  @Override
  public boolean deleteIfExists(Path path) throws IOException {
    return Files.deleteIfExists(path);
  }

  @Override
  public Space space(Path directory) throws IOException {
    FileStore store = Files.getFileStore(directory);
    return new Space(store.getTotalSpace(), store.getUsableSpace());
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public Closeable lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new StorageLockedException(file + " is locked by this process already");
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new StorageLockedException(file + " is locked by another process");
  }

  /** The JDK knows a full disk only by the text of the operating system's error. */
  static IOException classified(IOException fault) {
    String text =
        fault instanceof FileSystemException named && named.getReason() != null
            ? named.getReason()
            : String.valueOf(fault.getMessage());
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.contains("no space left")
            || lower.contains("quota exceeded")
            || lower.contains("not enough space")
        ? new StorageFullException(text, fault)
        : fault;
  }
}
