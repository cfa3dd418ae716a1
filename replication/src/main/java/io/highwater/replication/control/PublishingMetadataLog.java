package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** What every metadata log has: the newest image and controller, and those who hear of them. */
public abstract class PublishingMetadataLog implements MetadataLog {
  /** What {@link #image} gives; only ever replaced by a later one (CTL-2). */
  protected final Published<ClusterImage> images = new Published<>(ClusterImage.EMPTY);

  /** What {@link #controller} gives; {@link Controller#UNKNOWN} at first. */
  protected final Published<Controller> controllers = new Published<>(Controller.UNKNOWN);

  /** Knows nothing yet. */
  protected PublishingMetadataLog() {}

  @Override
  public final ClusterImage image() {
    return images.get();
  }

  @Override
  public final void follow(Consumer<ClusterImage> listener) {
    images.follow(listener);
  }

  @Override
  public final Controller controller() {
    return controllers.get();
  }

  @Override
  public final void onControllerChange(Consumer<Controller> listener) {
    controllers.follow(listener);
  }

  /** Submits what is not above the level in force, as far as that is known here. */
  protected final CompletableFuture<CommandResult> submitInForce(
      MetadataCommand command, Function<MetadataCommand, CompletableFuture<CommandResult>> to) {
    return ClusterState.refusal(command, image())
        .map(
            text ->
                CompletableFuture.<CommandResult>failedFuture(
                    new HighwaterException(ErrorCode.UNSUPPORTED_VERSION, text)))
        .orElseGet(() -> to.apply(command));
  }

  /** Publishes who is the controller, unless a later term is known. From any thread. */
  protected final void learn(Controller controller) {
    controllers.update(known -> controller.term() >= known.term() ? controller : known);
  }
}
