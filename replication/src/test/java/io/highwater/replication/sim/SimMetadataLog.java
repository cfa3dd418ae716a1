package io.highwater.replication.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One broker's view of the quorum: images come late but in order, submits may stay unanswered. */
final class SimMetadataLog implements MetadataLog {
  private static final long TIMEOUT_MS = 1_000;

  private final int self;
  private final SimQuorum quorum;
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final ArrayDeque<Runnable> news = new ArrayDeque<>();
  private final List<Consumer<ClusterImage>> followers = new ArrayList<>();
  private final List<Consumer<Controller>> controllerListeners = new ArrayList<>();
  private ClusterImage image;
  private Controller controller;
  private boolean delivering;
  private boolean closed;

  SimMetadataLog(int self, SimQuorum quorum, SimScheduler scheduler, SimNetwork network) {
    this.self = self;
    this.quorum = quorum;
    this.scheduler = scheduler;
    this.network = network;
    image = quorum.image();
    controller = quorum.leader();
    quorum.join(this);
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    CompletableFuture<CommandResult> outcome = new CompletableFuture<>();
    long late = scheduler.chance(0.03) ? scheduler.delayNanos(0, 2.5 * TIMEOUT_MS) : 0;
    scheduler.after(
        network.delayNanos() + late,
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

  private void complete(CompletableFuture<CommandResult> outcome, CommandResult result) {
    if (!closed) {
      outcome.complete(result);
    }
  }

  @Override
  public ClusterImage image() {
    return image;
  }

  @Override
  public void follow(Consumer<ClusterImage> listener) {
    listener.accept(image);
    followers.add(listener);
  }

  @Override
  public Controller controller() {
    return controller;
  }

  @Override
  public void onControllerChange(Consumer<Controller> listener) {
    listener.accept(controller);
    controllerListeners.add(listener);
  }

  @Override
  public void close() {
    closed = true;
    quorum.leave(this);
  }

  void committed(ClusterImage newer) {
    tell(
        () -> {
          image = newer;
          followers.forEach(listener -> listener.accept(newer));
        });
  }

  void ledBy(Controller next) {
    tell(
        () -> {
          controller = next;
          controllerListeners.forEach(listener -> listener.accept(next));
        });
  }

  private void tell(Runnable what) {
    news.addLast(what);
    deliver();
  }

  private void deliver() {
    if (!delivering && !news.isEmpty()) {
      delivering = true;
      scheduler.after(
          network.delayNanos(),
          "metadata",
          () -> {
            delivering = false;
            if (closed) {
              return;
            }
            // Cut off from the quorum, a member learns nothing; it catches up later, in order.
            if (quorum.accepts(self)) {
              news.pollFirst().run();
              deliver();
            } else {
              scheduler.after(50_000_000, "metadata-later", this::deliver);
            }
          });
    }
  }
}
