package io.highwater.log.io;

import io.highwater.log.io.SimFaults.Fault;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * A file system in memory that can crash, fill up and fail, the same way each time. After {@link
 * #killProcess} all bytes are there; after {@link #losePower} only what was synced, or with a
 * random source any prefix of the writes to each file since. Open files and locks of before a crash
 * are dead. Thread-safe by one monitor.
 */
public final class SimStorage implements Storage {
  /** What a storage does that can be made to fail. */
  public enum Operation {
    WRITE,
    FORCE,
    TRUNCATE,
    CREATE,
    RENAME,
    DELETE,
    SYNC_DIRECTORY,
    READ
  }

  /** Thrown at the operation that {@link #crashAfter} picked, and by all that follow. */
  public static final class Crashed extends IOException {
    private static final long serialVersionUID = 1L;

    Crashed() {
      super("the machine crashed");
    }
  }

  private final SimTree tree = new SimTree();
  private final Map<Path, Object> locks = new HashMap<>();
  private final SimFaults faults = new SimFaults();
  private Predicate<Path> honest = path -> true;
  private long capacity = Long.MAX_VALUE;
  private BiConsumer<Operation, Path> whenSynced = (operation, path) -> {};
  private int incarnation;
  private int machineRun;
  private int openFiles;

  // ---- Faults

  /** Lets the next operation of a kind on a matching path fail, once. */
  public synchronized void failNext(Operation operation, Predicate<Path> where, IOException error) {
    faults.add(new Fault(operation, where, error, 0));
  }

  /** Lets the next write to a matching path fail after {@code keep} of its bytes were written. */
  public synchronized void tearNext(Predicate<Path> where, int keep, IOException error) {
    faults.add(new Fault(Operation.WRITE, where, error, keep));
  }

  /** From now on until {@link #heal} everything on matching paths fails, over restarts, too. */
  public synchronized void failAll(Predicate<Path> where, IOException error) {
    faults.failAll(where, error);
  }

  /** A disk that lies: other files than these are not synced when that is asked for. */
  public synchronized void syncOnly(Predicate<Path> which) {
    honest = which;
  }

  /** From now on somebody hears, on the caller's thread, of each wait for a file or directory. */
  public synchronized void whenSynced(BiConsumer<Operation, Path> listener) {
    whenSynced = listener;
  }

  /** Faults that have not struck yet never will, and nothing fails any more. */
  public synchronized void heal() {
    faults.heal();
  }

  /** Limits the bytes of all files together; more is a full disk. */
  public synchronized void limitBytes(long bytes) {
    capacity = bytes;
  }

  /** Bytes of all files together. */
  public synchronized long usedBytes() {
    return tree.files().values().stream().mapToLong(inode -> inode.size()).sum();
  }

  /** Changes made so far: writes, syncs, renames and the like. */
  public synchronized long operations() {
    return faults.operations();
  }

  /** Lets everything fail from the {@code count}-th change from now on, until a crash. */
  public synchronized void crashAfter(long count) {
    faults.crashAfter(count);
  }

  /** Files that are open now. */
  public synchronized int openFiles() {
    return openFiles;
  }

  // ---- Crashes

  /** The process dies: what it wrote stays. */
  public synchronized void killProcess() {
    incarnation++;
    locks.clear();
    faults.restart();
    openFiles = 0;
  }

  /** The process dies, or with an odd seed the power fails. */
  public synchronized void crash(int seed) {
    if (seed % 2 == 0) {
      killProcess();
    } else {
      losePower(new Random(seed));
    }
  }

  /** The power fails: what was not synced is gone. */
  public synchronized void losePower() {
    losePower(null);
  }

  /** The power fails: of what was not synced, a random prefix of each file's writes is there. */
  public synchronized void losePower(Random random) {
    killProcess();
    machineRun++;
    for (SimInode inode : tree.losePower(random == null || random.nextBoolean())) {
      inode.losePower(random);
    }
  }

  // ---- What tests do to files behind the log's back

  /** The files that match. */
  public synchronized List<Path> files(Predicate<Path> which) {
    return tree.files().keySet().stream().filter(which).toList();
  }

  /** The bytes of a file. */
  public synchronized byte[] content(Path file) {
    return tree.file(file).content();
  }

  /** Replaces the bytes of a file, durably. */
  public synchronized void replace(Path file, byte[] content) {
    tree.durable(file).replace(content);
  }

  /** A copy of all there is, to damage and open. */
  public synchronized SimStorage copy() {
    SimStorage copy = new SimStorage();
    tree.files().forEach((path, inode) -> copy.replace(path, inode.content()));
    copy.tree.addDirectories(tree);
    copy.machineRun = machineRun;
    return copy;
  }

  // ---- Storage

  @Override
  public synchronized Optional<String> machineRun() {
    return Optional.of("run-" + machineRun);
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    faults.check(directory);
    return tree.list(directory);
  }

  @Override
  public synchronized boolean exists(Path path) {
    return tree.file(path) != null || tree.isDirectory(path);
  }

  @Override
  public synchronized boolean isDirectory(Path path) {
    return tree.isDirectory(path);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    faults.check(directory);
    for (Path path = directory; path != null && tree.addDirectory(path); path = path.getParent()) {
      faults.change(Operation.CREATE, path);
      tree.keepDirectory(path);
    }
  }

  @Override
  public synchronized StorageFile open(Path file, OpenMode mode) throws IOException {
    faults.check(file);
    SimInode inode = tree.file(file);
    if (inode != null && mode == OpenMode.CREATE) {
      throw new FileAlreadyExistsException(file.toString());
    }
    if (inode == null) {
      if (mode == OpenMode.READ || mode == OpenMode.WRITE || !isDirectory(file.getParent())) {
        throw new NoSuchFileException(file.toString());
      }
      faults.change(Operation.CREATE, file);
      inode = tree.create(file);
    }
    openFiles++;
    return new SimFile(file, inode, mode != OpenMode.READ);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    faults.change(Operation.RENAME, from);
    tree.rename(from, to);
  }

  @Override
  public synchronized boolean deleteIfExists(Path path) throws IOException {
    if (!tree.isDeletable(path)) {
      return false;
    }
    faults.change(Operation.DELETE, path);
    tree.delete(path);
    return true;
  }

  @Override
  public synchronized Space space(Path directory) {
    return new Space(capacity, capacity - usedBytes());
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    whenSynced.accept(Operation.SYNC_DIRECTORY, directory);
    faults.change(Operation.SYNC_DIRECTORY, directory);
    tree.sync(directory);
  }

  @Override
  public synchronized Closeable lock(Path file) throws IOException {
    faults.check(file);
    Object holder = new Object();
    if (locks.putIfAbsent(file, holder) != null) {
      throw new StorageLockedException(file + " is locked");
    }
    return () -> {
      synchronized (this) {
        locks.remove(file, holder);
      }
    };
  }

  private final class SimFile implements StorageFile {
    private final Path path;
    private final SimInode inode;
    private final boolean writable;
    private final int opened = incarnation;
    private boolean closed;
    private boolean resting;

    SimFile(Path path, SimInode inode, boolean writable) {
      this.path = path;
      this.inode = inode;
      this.writable = writable;
    }

    private void requireAlive() throws IOException {
      if (closed || opened != incarnation) {
        throw new IOException(path + " is closed");
      }
      if (resting) {
        resting = false;
        openFiles++;
      }
    }

    private void requireWritable() throws IOException {
      requireAlive();
      if (!writable) {
        throw new IOException(path + " is open for reading");
      }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      synchronized (SimStorage.this) {
        requireAlive();
        Fault fault = faults.take(Operation.READ, path);
        if (fault != null) {
          throw fault.error();
        }
        if (position >= inode.size()) {
          return -1;
        }
        int count = (int) Math.min(into.remaining(), inode.size() - position);
        inode.read(into, (int) position, count);
        return count;
      }
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
      synchronized (SimStorage.this) {
        requireWritable();
        faults.count();
        Fault fault = faults.take(Operation.WRITE, path);
        int count = from.remaining();
        if (fault != null) {
          count = Math.min(count, fault.keep());
        }
        long room = capacity - usedBytes() + Math.max(0, inode.size() - position);
        boolean full = count > room;
        if (full) {
          count = (int) Math.max(0, room);
        }
        byte[] data = new byte[count];
        from.get(data);
        if (count > 0) {
          inode.write((int) position, data);
        }
        if (fault != null) {
          throw fault.error();
        }
        if (full) {
          throw new StorageFullException("No space left on device", null);
        }
        return count;
      }
    }

    @Override
    public long size() throws IOException {
      synchronized (SimStorage.this) {
        requireAlive();
        return inode.size();
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimStorage.this) {
        requireWritable();
        if (size < inode.size()) {
          faults.change(Operation.TRUNCATE, path);
          inode.cut((int) size);
        }
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimStorage.this) {
        requireAlive();
        whenSynced.accept(Operation.FORCE, path);
        faults.change(Operation.FORCE, path);
        if (honest.test(path)) {
          inode.sync();
        }
      }
    }

    @Override
    public void rest() {
      synchronized (SimStorage.this) {
        if (!closed && !resting && opened == incarnation && inode.isSynced()) {
          resting = true;
          openFiles--;
        }
      }
    }

    @Override
    public void close() {
      synchronized (SimStorage.this) {
        if (!closed && !resting && opened == incarnation) {
          openFiles--;
        }
        closed = true;
      }
    }
  }
}
