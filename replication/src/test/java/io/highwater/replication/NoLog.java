package io.highwater.replication;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A metadata log for tests that hand the images over themselves. */
final class NoLog implements MetadataLog {
  private final List<MetadataCommand> submitted = new ArrayList<>();

  /** What was handed over; none of it is ever applied. */
  List<MetadataCommand> submitted() {
    return submitted;
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    submitted.add(command);
    return new CompletableFuture<>();
  }

  @Override
  public ClusterImage image() {
    return ClusterImage.EMPTY;
  }

  @Override
  public void follow(Consumer<ClusterImage> listener) {
    listener.accept(ClusterImage.EMPTY);
  }

  @Override
  public Controller controller() {
    return Controller.UNKNOWN;
  }

  @Override
  public void onControllerChange(Consumer<Controller> listener) {
    listener.accept(controller());
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
