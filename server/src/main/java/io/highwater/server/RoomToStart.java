package io.highwater.server;

import io.highwater.log.LogDirectory;
import io.highwater.log.space.SpaceLimits;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.ratis.QuorumStorage;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller's start on a full disk: it waits, for as long as it takes, until there is room for
 * what a member of the quorum writes. Started before that it could neither vote nor follow.
 */
final class RoomToStart {
  private static final Logger LOG = LoggerFactory.getLogger(RoomToStart.class);
  private static final long LOOK_MS = 250;

  private final LogDirectory directory;
  private final SpaceLimits limits;
  private final QuorumStorage storage;
  private final Executor later = CompletableFuture.delayedExecutor(LOOK_MS, TimeUnit.MILLISECONDS);
  private final CompletableFuture<Void> found = new CompletableFuture<>();
  private boolean told;

  private RoomToStart(LogDirectory directory, SpaceLimits limits, QuorumStorage storage) {
    this.directory = directory;
    this.limits = limits;
    this.storage = storage;
  }

  /**
   * Begins to look. What the directory holds in reserve is given up where that is needed.
   *
   * @param directory where the metadata log is
   * @return completes once there is room; fails with KAFKA_STORAGE_ERROR when the disk does not
   *     say. Who completes it before ends the looking
   */
  static CompletableFuture<Void> in(
      LogDirectory directory, SpaceLimits limits, QuorumStorage storage) {
    RoomToStart room = new RoomToStart(directory, limits, storage);
    room.look();
    return room.found;
  }

  private void look() {
    if (found.isDone()) {
      return;
    }
    try {
      if (isShort()) {
        directory.checkSpace(limits);
      }
      if (!isShort()) {
        if (told) {
          LOG.warn("{} has room again, the start goes on", directory.root());
        }
        found.complete(null);
        return;
      }
      tell();
      later.execute(this::look);
    } catch (IOException | HighwaterException e) {
      found.completeExceptionally(e);
    }
  }

  private boolean isShort() throws IOException {
    return storage.freeBytes() < QuorumStorage.MIN_FREE_BYTES;
  }

  private void tell() throws IOException {
    if (!told) {
      told = true;
      LOG.error(
          "the disk of {} is full, {} bytes are free: this controller waits with its start. Make"
              + " room for {} bytes, more for records; it goes on by itself then",
          directory.root(),
          storage.freeBytes(),
          QuorumStorage.MIN_FREE_BYTES);
    }
  }
}
