package io.highwater.replication.control;

import java.util.function.Consumer;

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

  /** Publishes who is the controller, unless a later term is known. From any thread. */
  protected final void learn(Controller controller) {
    controllers.update(known -> controller.term() >= known.term() ? controller : known);
  }
}
