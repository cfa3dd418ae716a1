package io.highwater.replication.control.session;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.PublishingMetadataLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** A linearizable log of one member, 2 ms away, in virtual time. */
final class VirtualLog extends PublishingMetadataLog {
  private static final long WRITE_MS = 2;

  final List<MetadataCommand> applied = new ArrayList<>();
  private final OwnerLoop loop;
  private final ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private boolean reachable = true;
  private Predicate<MetadataCommand> lost = command -> false;
  private final List<Integer> successors = new ArrayList<>();
  private long index;

  VirtualLog(OwnerLoop loop) {
    this.loop = loop;
  }

  void setController(int id) {
    learn(new Controller(id, controller().term() + 1));
  }

  void setReachable(boolean reachable) {
    this.reachable = reachable;
  }

  /** These commands never get to the quorum. */
  void lose(Predicate<MetadataCommand> commands) {
    lost = commands;
  }

  /** To whom the quorum was offered last. */
  List<Integer> successors() {
    return successors;
  }

  @Override
  public Set<Integer> controllers() {
    return Set.of(1, 2, 3);
  }

  @Override
  public CompletableFuture<Void> resignTo(List<Integer> offered) {
    successors.clear();
    successors.addAll(offered);
    setController(offered.get(0));
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    CompletableFuture<CommandResult> result = new CompletableFuture<>();
    loop.schedule(
        WRITE_MS,
        () -> {
          if (reachable && !lost.test(command)) {
            applied.add(command);
            CommandResult outcome = state.apply(++index, command);
            images.update(before -> state.image());
            result.complete(outcome);
          } else {
            result.completeExceptionally(
                new HighwaterException(ErrorCode.REQUEST_TIMED_OUT, "no quorum"));
          }
        });
    return result;
  }

  @Override
  public void close() {}
}
