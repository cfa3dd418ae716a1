package io.highwater.log.space;

import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import io.highwater.log.io.StorageFullException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a log directory from filling its disk: appends are refused while too little is free, all
 * else goes on, and appends with it once there is room again.
 *
 * <pre>
 *              free &lt; minFree, or the disk refuses a write
 *   writable ------------------------------------------------> read-only
 *      ^                                                          |  almost nothing free:
 *      +---------------- free &gt;= resumeFree ---------------------+  the reserve is given up
 * </pre>
 */
public final class DirectorySpace {
  /** The reserve: a file without meaning. */
  public static final String RESERVE_FILE = ".reserved-space";

  private static final Logger LOG = LoggerFactory.getLogger(DirectorySpace.class);
  private static final int PIECE_BYTES = 1 << 20;

  private final Path directory;

  /** Bytes that may be appended until {@link #check} looks again. */
  private final AtomicLong budget = new AtomicLong(Long.MAX_VALUE);

  /** Somebody looks now and then: only then may appends be refused until the next look. */
  private volatile boolean watched;

  private volatile String shortage;

  /** The disk refused a write: how much it says is free tells nothing about the next one. */
  private volatile boolean isRefused;

  /** Whether the log has it that nothing is appended, and not yet that appends go on. */
  private volatile boolean isTold;

  /** The budget that the last look gave. */
  private long granted;

  /** A directory of which nothing is known yet: everything may be appended. */
  public DirectorySpace(Path directory) {
    this.directory = directory;
  }

  /** Whether appends are refused. Any thread. */
  public boolean isReadOnly() {
    return shortage != null;
  }

  /**
   * Asks for room for an append. Any thread; allocates nothing while there is.
   *
   * @throws HighwaterException STORAGE_FULL while there is too little
   */
  public void take(int bytes) {
    if (shortage == null && budget.addAndGet(-bytes) < 0) {
      close("what was free is used up");
    }
    String reason = shortage;
    if (reason != null) {
      throw new HighwaterException(
          ErrorCode.STORAGE_FULL, directory + " takes no appends now: " + reason);
    }
  }

  /** The disk refused a write. Any thread. */
  public void refused(StorageFullException refusal) {
    if (watched) {
      isRefused = true;
      close("the disk is full: " + refusal.getMessage());
    }
  }

  /**
   * Looks how much is free and acts upon it. Waits for the disk; one thread at a time.
   *
   * @param limits to keep to
   */
  public void check(Storage storage, SpaceLimits limits) throws IOException {
    watched = true;
    long free = storage.space(directory).freeBytes();
    if (free < limits.minFreeBytes()) {
      isRefused = false;
      close(free + " bytes are free, fewer than " + limits.minFreeBytes());
    } else if (shortage == null || free >= limits.resumeFreeBytes()) {
      goOn(free, limits);
    }
    keepReserve(storage, limits, free);
  }

  /**
   * Appends are tried again, which is told once it is known to help: where nothing is to stay free,
   * or the disk refused a write, only an append shows that.
   */
  private void goOn(long free, SpaceLimits limits) {
    boolean tookAppends = shortage == null && budget.get() < granted;
    boolean isEnough = !isRefused && limits.resumeFreeBytes() > limits.minFreeBytes();
    granted = free - limits.minFreeBytes();
    budget.set(granted);
    shortage = null;
    if (isTold && (tookAppends || isEnough)) {
      isTold = false;
      isRefused = false;
      LOG.info("{} takes appends again: {} bytes are free", directory, free);
    }
  }

  private void close(String reason) {
    if (shortage == null) {
      shortage = reason;
      if (!isTold) {
        isTold = true;
        LOG.warn("{} takes no appends until there is more space: {}", directory, reason);
      }
    }
  }

  private void keepReserve(Storage storage, SpaceLimits limits, long free) throws IOException {
    Path reserve = directory.resolve(RESERVE_FILE);
    if (limits.reservedBytes() == 0 || free < limits.reservedBytes()) {
      storage.deleteIfExists(reserve);
    } else if (free >= limits.resumeFreeBytes() && !isWhole(storage, reserve, limits)) {
      fill(storage, reserve, limits.reservedBytes());
    }
  }

  private static boolean isWhole(Storage storage, Path reserve, SpaceLimits limits)
      throws IOException {
    return storage.exists(reserve) && storage.size(reserve) == limits.reservedBytes();
  }

  /** Written, not only made long: a hole holds no room. */
  private static void fill(Storage storage, Path reserve, long bytes) throws IOException {
    try (StorageFile file = storage.open(reserve, Storage.OpenMode.CREATE_OR_WRITE)) {
      file.truncate(0);
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(bytes, PIECE_BYTES));
      for (long at = 0; at < bytes; at += piece.limit()) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, bytes - at));
        file.writeFully(piece, at);
      }
    }
  }
}
