package io.highwater.log;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.AtomicFile;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageLockedException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** To whom a log directory belongs: its lock (FEN-3) and its {@code meta.properties} (CTL-4). */
final class DirectoryIdentity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryIdentity.class);
  private static final String LOCK_FILE = ".lock";

  private final Path root;
  private final Storage storage;
  private final Closeable lock;
  private final boolean isNew;
  private volatile MetaProperties meta;

  private DirectoryIdentity(
      Path root, Storage storage, Closeable lock, MetaProperties meta, boolean isNew) {
    this.root = root;
    this.storage = storage;
    this.lock = lock;
    this.meta = meta;
    this.isNew = isNew;
  }

  /**
   * Locks a directory, formatting it when it is new.
   *
   * @throws HighwaterException as {@link LogDirectory#open}; the directory is let go then
   */
  static DirectoryIdentity take(
      Path root, Storage storage, int nodeId, Supplier<UUID> newDirectoryId) {
    Closeable lock = null;
    try {
      storage.createDirectories(root);
      lock = lock(root, storage);
      Optional<MetaProperties> found = MetaProperties.read(storage, root);
      MetaProperties meta =
          found.orElseGet(() -> MetaProperties.ofNew(nodeId, newDirectoryId.get()));
      if (meta.nodeId() != nodeId) {
        throw new HighwaterException(
            ErrorCode.INVALID_CONFIG,
            root + " belongs to node " + meta.nodeId() + ", this is node " + nodeId);
      }
      if (found.isEmpty()) {
        requireNew(root, storage);
        meta.write(storage, root);
      }
      DirectoryIdentity identity =
          new DirectoryIdentity(root, storage, lock, meta, found.isEmpty());
      lock = null;
      return identity;
    } catch (IOException e) {
      throw new DirectoryHealth(root).refuse("opening " + root, e);
    } finally {
      unlock(lock);
    }
  }

  /** As {@link LogDirectory#lock}. */
  static Closeable lock(Path root, Storage storage) {
    try {
      return storage.lock(root.resolve(LOCK_FILE));
    } catch (StorageLockedException e) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR, "another broker uses " + root + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new DirectoryHealth(root).refuse("locking " + root, e);
    }
  }

  /** As {@link LogDirectory#isLocked}. */
  static boolean isLocked(Path root, Storage storage) throws IOException {
    Path file = root.resolve(LOCK_FILE);
    if (!storage.exists(file)) {
      return false;
    }
    try {
      storage.lock(file).close();
      return false;
    } catch (StorageLockedException e) {
      return true;
    } catch (FileSystemException e) {
      return false; // Not ours to write to, or on a file system that is read-only.
    }
  }

  /** As {@link LogDirectory#giveUp}. */
  static Set<UUID> giveUp(Path root, Storage storage, Collection<UUID> lost) {
    Closeable lock = lock(root, storage);
    try {
      MetaProperties meta =
          MetaProperties.read(storage, root)
              .orElseThrow(() -> new NoSuchFileException(root.toString(), null, "not formatted"));
      Set<UUID> unknown = new HashSet<>(lost);
      unknown.removeAll(meta.siblings());
      unknown.removeAll(meta.lost());
      if (!unknown.isEmpty()) {
        throw new HighwaterException(
            ErrorCode.INVALID_REQUEST,
            root
                + " knows of no other log directory with the id "
                + unknown
                + "; those that held partitions are "
                + meta.siblings());
      }
      Set<UUID> all = new HashSet<>(meta.lost());
      all.addAll(lost);
      meta.withDirectories(meta.siblings(), all, meta.missing()).write(storage, root);
      Set<UUID> before = new HashSet<>(lost);
      before.retainAll(meta.lost());
      return before;
    } catch (IOException e) {
      throw new DirectoryHealth(root).refuse("giving a directory up in " + root, e);
    } finally {
      unlock(lock);
    }
  }

  /** STO-9: formatted again it would be another directory, of a broker that never saw its data. */
  private static void requireNew(Path root, Storage storage) throws IOException {
    for (String name : storage.list(root)) {
      if (name.endsWith(AtomicFile.CHECKSUM_SUFFIX)) {
        throw new HighwaterException(
            ErrorCode.KAFKA_STORAGE_ERROR,
            root.resolve(MetaProperties.FILE_NAME) + " is missing, yet there is " + name);
      }
    }
  }

  private static void unlock(Closeable lock) {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        LOG.warn("closing a lock failed", e);
      }
    }
  }

  /** Whether it was formatted just now. */
  boolean isNew() {
    return isNew;
  }

  MetaProperties meta() {
    return meta;
  }

  /** Makes it belong to a cluster; durable on return. */
  void joinCluster(String clusterId) throws IOException {
    if (meta.clusterId().isPresent()) {
      if (!meta.clusterId().get().equals(clusterId)) {
        throw new HighwaterException(
            ErrorCode.INCONSISTENT_CLUSTER_ID,
            root + " belongs to cluster " + meta.clusterId().get() + ", not to " + clusterId);
      }
      return;
    }
    write(meta.withClusterId(clusterId));
  }

  /**
   * Writes down which other directories the broker has, which it gave up, and which are missing
   * since which clean shutdown; durable on return.
   */
  void remember(Set<UUID> siblings, Set<UUID> lost, Map<UUID, Long> missing) throws IOException {
    MetaProperties next = meta.withDirectories(siblings, lost, missing);
    if (!next.equals(meta)) {
      write(next);
    }
  }

  private void write(MetaProperties next) throws IOException {
    next.write(storage, root);
    meta = next;
  }

  @Override
  public void close() {
    unlock(lock);
  }
}
