package io.highwater.log;

import io.highwater.log.io.LinkedFileException;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.space.DirectorySpace;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a log directory may still be written. The first I/O error takes it offline until restart
 * (KIP-112): after a failed fsync nobody knows what is on the disk, so it is never retried (STO-8).
 * Any thread.
 */
public final class DirectoryHealth {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryHealth.class);

  /** What an operator can do about a directory that is offline. */
  private static final String ADVICE =
      "Repair or replace the disk, or take the directory out of log.dirs; then restart the broker";

  private final Path directory;
  private final DirectorySpace space;
  private final AtomicReference<String> failure = new AtomicReference<>();

  /** A sound directory. */
  public DirectoryHealth(Path directory) {
    this.directory = directory;
    this.space = new DirectorySpace(directory);
  }

  /** Its room on the disk. */
  public DirectorySpace space() {
    return space;
  }

  /** Whether the directory failed. */
  public boolean isOffline() {
    return failure.get() != null;
  }

  /** Why the directory is offline, once it is. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure.get()).map(why -> directory + " is offline since " + why);
  }

  /**
   * Lets pass while the directory is sound.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR once it failed
   */
  public void check() {
    if (isOffline()) {
      throw new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, failure().orElseThrow());
    }
  }

  /**
   * Takes the directory offline, unless it was a link that was refused: the disk is sound then.
   *
   * @param what was being done
   * @return the error for the caller to throw
   */
  public HighwaterException fail(String what, Throwable cause) {
    String reason = what + " failed: " + FaultText.of(cause);
    if (cause instanceof LinkedFileException) {
      return new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, reason, cause);
    }
    if (failure.compareAndSet(null, reason)) {
      LOG.error("{} goes offline: {}. {}", directory, reason, ADVICE, cause);
    }
    return new HighwaterException(ErrorCode.KAFKA_STORAGE_ERROR, reason, cause);
  }

  /**
   * The error of a write that left nothing behind: a full disk leaves the directory online,
   * anything else takes it offline.
   */
  public HighwaterException refuse(String what, IOException cause) {
    if (cause instanceof StorageFullException full) {
      space.refused(full);
      return new HighwaterException(
          ErrorCode.STORAGE_FULL, what + " found no space: " + cause.getMessage(), cause);
    }
    return fail(what, cause);
  }
}
