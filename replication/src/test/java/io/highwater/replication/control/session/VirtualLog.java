package io.highwater.replication.control.session;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A linearizable log of one member, 2 ms away, in virtual time. */
final class VirtualLog implements MetadataLog {
  private static final long WRITE_MS = 2;

  final List<MetadataCommand> applied = new ArrayList<>();
  private final OwnerLoop loop;
  private final ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private final List<Consumer<ClusterImage>> followers = new ArrayList<>();
  private final List<Consumer<Controller>> watchers = new ArrayList<>();
  private Controller controller = new Controller(Controller.NONE, 0);
  private boolean reachable = true;
  private long index;

  VirtualLog(OwnerLoop loop) {
    this.loop = loop;
  }

  void setController(int id) {
    controller = new Controller(id, controller.term() + 1);
    watchers.forEach(watcher -> watcher.accept(controller));
  }

  void setReachable(boolean reachable) {
    this.reachable = reachable;
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    CompletableFuture<CommandResult> result = new CompletableFuture<>();
    loop.schedule(
        WRITE_MS,
        () -> {
          if (reachable) {
            applied.add(command);
            CommandResult outcome = state.apply(++index, command);
            followers.forEach(follower -> follower.accept(state.image()));
            result.complete(outcome);
          } else {
            result.completeExceptionally(
                new HighwaterException(ErrorCode.REQUEST_TIMED_OUT, "no quorum"));
          }
        });
    return result;
  }

  @Override
  public ClusterImage image() {
    return state.image();
  }

  @Override
  public void follow(Consumer<ClusterImage> listener) {
    listener.accept(state.image());
    followers.add(listener);
  }

  @Override
  public Controller controller() {
    return controller;
  }

  @Override
  public void onControllerChange(Consumer<Controller> listener) {
    listener.accept(controller);
    watchers.add(listener);
  }

  @Override
  public void close() {}
}
