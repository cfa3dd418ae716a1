package io.highwater.server.metadata;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

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

  /**
   * What is left to do when a first step is done: if it fails, with whatever error, the whole is
   * neither done nor without effect.
   */
  static <T> CompletableFuture<T> rest(CompletableFuture<T> steps) {
    return steps.exceptionallyCompose(
        failure -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          return CompletableFuture.failedFuture(
              cause instanceof HighwaterException named
                  ? new HighwaterException(named.code(), Outcome.UNKNOWN, named.getMessage(), named)
                  : cause);
        });
  }
}
