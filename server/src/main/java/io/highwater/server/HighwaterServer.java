package io.highwater.server;

import io.highwater.log.io.FileStorage;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.server.config.HostPort;
import io.highwater.server.config.Listener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A broker. {@link #start} brings it up and returns when it serves; {@link #stop} hands its
 * leaderships over and ends it cleanly. Safe for use by any thread; a stopped broker is not started
 * again.
 */
public final class HighwaterServer implements AutoCloseable {
  private final ServerLifecycle lifecycle;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

  /** A broker that is not started yet; nothing is bound or locked. */
  public HighwaterServer(ServerConfig config) {
    this(config, new FileStorage());
  }

  /** A broker whose logs are on another storage. For tests. */
  HighwaterServer(ServerConfig config, Storage storage) {
    this.lifecycle = new ServerLifecycle(config, storage, this::onFailure);
  }

  /**
   * Starts; returns when the broker serves. Waits for as long as the controllers have no quorum.
   *
   * @throws HighwaterException when it cannot start, naming why: INVALID_CONFIG for an address that
   *     is in use or a configuration that contradicts itself, KAFKA_STORAGE_ERROR for a data
   *     directory that is locked or unreadable, INCONSISTENT_CLUSTER_ID for one of another cluster,
   *     DUPLICATE_BROKER_REGISTRATION when another live broker has this node id,
   *     BROKER_NOT_AVAILABLE when it was stopped meanwhile. Nothing stays bound or locked.
   */
  public void start() {
    try {
      lifecycle.start();
    } catch (RuntimeException | Error e) {
      stopped.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Stops: no new calls, leaderships handed over, logs flushed, the clean shutdown marked. Bounded;
   * further calls wait for the first.
   *
   * @throws HighwaterException when the shutdown was not clean; everything is closed all the same
   */
  public void stop() {
    try {
      lifecycle.stop();
      stopped.complete(null);
    } catch (RuntimeException | Error e) {
      stopped.completeExceptionally(e);
      throw e;
    }
  }

  /** The same as {@link #stop}. */
  @Override
  public void close() {
    stop();
  }

  /** Ends as a crash would: nothing is handed over, flushed or marked. For tests. */
  void crash() {
    lifecycle.crash();
    stopped.complete(null);
  }

  /**
   * Waits until the broker has stopped.
   *
   * @throws HighwaterException why it stopped by itself, e.g. a failed disk or a double of this
   *     broker
   */
  public void awaitStopped() {
    try {
      stopped.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HighwaterException named) {
        throw named;
      }
      throw e;
    }
  }

  /**
   * The address that others are told for a listener. Once started.
   *
   * @throws HighwaterException INVALID_REQUEST for CONTROLLER when this broker is none
   */
  public HostPort address(Listener listener) {
    return lifecycle
        .address(listener)
        .orElseThrow(
            () ->
                new HighwaterException(
                    ErrorCode.INVALID_REQUEST, "node " + nodeId() + " is no controller"));
  }

  /** Whether this broker is a member of the metadata quorum. Once started. */
  public boolean isController() {
    return lifecycle.address(Listener.CONTROLLER).isPresent();
  }

  /** The cluster that the broker belongs to. Once started. */
  public String clusterId() {
    return lifecycle.clusterId();
  }

  /** The broker's number in its cluster. */
  public int nodeId() {
    return lifecycle.nodeId();
  }

  /** The broker cannot go on: it stops by itself, as far as that is possible. */
  private void onFailure(HighwaterException failure) {
    try {
      lifecycle.stop();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    } finally {
      stopped.completeExceptionally(failure);
    }
  }
}
