package io.highwater.server;

import io.highwater.log.checkpoint.MetaProperties;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Stops a broker whose data directory is taken away while it runs. Open files go on for a while,
 * and the quorum's member would fail and try again without end.
 */
final class DataDirectoryWatch implements AutoCloseable {
  private static final long LOOK_MS = 1_000;

  private final Path root;
  private final Storage storage;
  private final BooleanSupplier quorumState;
  private final OwnerLoop loop;
  private final Executor io;
  private final Consumer<HighwaterException> onLoss;
  private volatile boolean closed;
  private volatile Cancellable next = Cancellable.DONE;

  /**
   * @param quorumState whether what the member of the quorum keeps is there
   * @param io where waits for the disk belong
   * @param onLoss hears once, on a thread of {@code io}
   */
  DataDirectoryWatch(
      Path root,
      Storage storage,
      BooleanSupplier quorumState,
      OwnerLoop loop,
      Executor io,
      Consumer<HighwaterException> onLoss) {
    this.root = root;
    this.storage = storage;
    this.quorumState = quorumState;
    this.loop = loop;
    this.io = io;
    this.onLoss = onLoss;
  }

  void start() {
    if (!closed) {
      next = loop.schedule(LOOK_MS, () -> io.execute(this::look));
    }
  }

  private void look() {
    if (closed) {
      return;
    }
    try {
      if (storage.exists(root.resolve(MetaProperties.FILE_NAME)) && quorumState.getAsBoolean()) {
        start();
        return;
      }
      onLoss.accept(
          new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              "the data directory " + root + " was taken away under this broker"));
    } catch (IOException e) {
      onLoss.accept(
          new HighwaterException(
              ErrorCode.KAFKA_STORAGE_ERROR,
              root + " cannot be read any more: " + FaultText.of(e),
              e));
    }
  }

  @Override
  public void close() {
    closed = true;
    next.cancel();
  }
}
