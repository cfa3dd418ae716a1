package io.highwater.server.metadata;

import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.concurrent.CompletableFuture;

/**
 * Submits commands and waits until they are in force here, so that who is answered finds what it
 * asked for. On the owner loop.
 */
public final class MetadataCommands {
  private static final long IN_FORCE_TIMEOUT_MS = 10_000;

  private final MetadataLog metadataLog;
  private final ImageWaiters images;
  private final OwnerLoop loop;

  /** Waits on this loop. */
  public MetadataCommands(MetadataLog metadataLog, ImageWaiters images, OwnerLoop loop) {
    this.metadataLog = metadataLog;
    this.images = images;
    this.loop = loop;
  }

  /**
   * Submits a command.
   *
   * @return completes on the loop; fails with a HighwaterException, the rejection among them
   */
  public CompletableFuture<CommandResult.Accepted> submit(MetadataCommand command) {
    return metadataLog
        .submit(command)
        .thenApply(CommandResult::orThrow)
        .thenComposeAsync(
            accepted ->
                images.await(accepted.index(), IN_FORCE_TIMEOUT_MS).thenApply(inForce -> accepted),
            loop::execute);
  }
}
