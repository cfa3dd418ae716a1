package io.highwater.replication.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PublishingMetadataLog;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One broker's view of the quorum: images come late but in order, submits may stay unanswered. */
final class SimMetadataLog extends PublishingMetadataLog {
  private static final long TIMEOUT_MS = 1_000;
  private static final long RETRY_NANOS = 50_000_000;

  private final int self;
  private final SimQuorum quorum;
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final BooleanSupplier stalled;
  private final Feed imageFeed;
  private final Feed controllerFeed;
  private boolean closed;
  private long lagsUntilNanos;

  /**
   * @param replayed what the process finds in its own copy of the log; newer images come later
   * @param stalled whether the process does nothing now
   */
  SimMetadataLog(
      int self,
      SimQuorum quorum,
      SimScheduler scheduler,
      SimNetwork network,
      ClusterImage replayed,
      BooleanSupplier stalled) {
    this.self = self;
    this.stalled = stalled;
    this.imageFeed = new Feed(() -> quorum.accepts(self) && scheduler.nowNanos() >= lagsUntilNanos);
    this.controllerFeed = new Feed(() -> quorum.tells(self));
    this.quorum = quorum;
    this.scheduler = scheduler;
    this.network = network;
    images.update(before -> replayed);
    controllers.update(before -> quorum.leader());
    quorum.join(this);
    if (quorum.image().index() > replayed.index()) {
      committed(quorum.seenImage());
    }
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    CompletableFuture<CommandResult> outcome = new CompletableFuture<>();
    long late = scheduler.chance(0.03) ? scheduler.delayNanos(0, 2.5 * TIMEOUT_MS) : 0;
    submit(command, late, outcome);
    if (scheduler.chance(0.01)) {
      submit(command, scheduler.delayNanos(0, 2.5 * TIMEOUT_MS), outcome);
    }
    scheduler.after(
        TIMEOUT_MS * 1_000_000,
        "submit-timeout",
        () -> {
          if (!closed) {
            outcome.completeExceptionally(
                new HighwaterException(ErrorCode.REQUEST_TIMED_OUT, "no answer of the quorum"));
          }
        });
    return outcome;
  }

  @Override
  public Set<Integer> controllers() {
    return quorum.members();
  }

  @Override
  public CompletableFuture<Void> resignTo(List<Integer> successors) {
    scheduler.after(network.delayNanos(), "resign", () -> quorum.resign(self, successors));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return resignTo(List.copyOf(quorum.members()));
  }

  private void submit(
      MetadataCommand command, long lateNanos, CompletableFuture<CommandResult> outcome) {
    scheduler.after(
        network.delayNanos() + lateNanos,
        "submit",
        () -> {
          if (!quorum.accepts(self)) {
            return;
          }
          CommandResult result = quorum.apply(command);
          // An answer may be lost, and a command may be applied long after its submitter gave up.
          if (!scheduler.chance(0.05)) {
            scheduler.after(
                network.delayNanos(),
                "submitted",
                () -> {
                  if (quorum.accepts(self)) {
                    complete(outcome, result);
                  }
                });
          }
        });
  }

  private void complete(CompletableFuture<CommandResult> outcome, CommandResult result) {
    if (!closed) {
      outcome.complete(result);
    }
  }

  @Override
  public void close() {
    closed = true;
    quorum.leave(this);
  }

  /** No newer image comes for a while; everything else does. */
  void lag(long durationMs) {
    lagsUntilNanos = scheduler.nowNanos() + TimeUnit.MILLISECONDS.toNanos(durationMs);
  }

  int self() {
    return self;
  }

  void committed(ClusterImage newer) {
    imageFeed.add(0, () -> images.update(before -> newer));
  }

  /** The quorum has another leader, of which this member may hear late. */
  void ledBy(Controller next, long lateNanos) {
    controllerFeed.add(lateNanos, () -> controllers.update(before -> next));
  }

  /** News that come in order, and wait while nothing gets through or the process is stalled. */
  private final class Feed {
    private final ArrayDeque<Runnable> news = new ArrayDeque<>();
    private final BooleanSupplier getsThrough;
    private boolean delivering;

    Feed(BooleanSupplier getsThrough) {
      this.getsThrough = getsThrough;
    }

    void add(long lateNanos, Runnable what) {
      news.addLast(what);
      deliver(lateNanos);
    }

    private void deliver(long lateNanos) {
      if (!delivering && !news.isEmpty()) {
        delivering = true;
        scheduler.after(network.delayNanos() + lateNanos, "metadata", this::arrive);
      }
    }

    private void arrive() {
      delivering = false;
      if (closed) {
        return;
      }
      if (getsThrough.getAsBoolean() && !stalled.getAsBoolean()) {
        news.pollFirst().run();
        deliver(scheduler.chance(0.02) ? scheduler.delayNanos(0, 400) : 0);
      } else {
        deliver(RETRY_NANOS);
      }
    }
  }
}
