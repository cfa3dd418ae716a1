package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;

/**
 * Those who wait until this broker has applied the image of some index, so that what was just
 * committed can be used here when its caller hears of it. On the owner loop.
 */
public final class ImageWaiters {
  private final OwnerLoop loop;
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private long knownIndex = -1;
  private long appliedIndex = -1;

  /** Waits on this loop. */
  public ImageWaiters(OwnerLoop loop) {
    this.loop = loop;
  }

  /** The image of this index is known here, though perhaps not in force yet. */
  public void known(long index) {
    knownIndex = index;
  }

  /** The image of this index is in force here. */
  public void applied(long index) {
    appliedIndex = index;
    Iterator<Waiter> all = waiters.iterator();
    while (all.hasNext()) {
      Waiter waiter = all.next();
      if (waiter.index <= index) {
        all.remove();
        waiter.timeout.cancel();
        waiter.reached.complete(null);
      }
    }
  }

  /**
   * Completes on the loop once an image of the index or a later one is in force; after {@code
   * timeoutMs} it is enough that it is known, for thousands of logs take their time.
   *
   * @return fails with REQUEST_TIMED_OUT when it is not even known by then
   */
  public CompletableFuture<Void> await(long index, long timeoutMs) {
    if (index <= appliedIndex) {
      return CompletableFuture.completedFuture(null);
    }
    Waiter waiter = new Waiter(index);
    waiters.add(waiter);
    waiter.timeout = loop.schedule(timeoutMs, () -> expire(waiter));
    return waiter.reached;
  }

  /** As {@link #await} for the newest image that is known. On the loop. */
  public CompletableFuture<Void> awaitKnown(long timeoutMs) {
    return await(knownIndex, timeoutMs);
  }

  private void expire(Waiter waiter) {
    waiters.remove(waiter);
    if (waiter.index <= knownIndex) {
      waiter.reached.complete(null);
    } else {
      waiter.reached.completeExceptionally(
          new HighwaterException(
              ErrorCode.REQUEST_TIMED_OUT, "committed, but not known to this broker yet"));
    }
  }

  private static final class Waiter {
    private final long index;
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private Cancellable timeout = Cancellable.DONE;

    Waiter(long index) {
      this.index = index;
    }
  }
}
