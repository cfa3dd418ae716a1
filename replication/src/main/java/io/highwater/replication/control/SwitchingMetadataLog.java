package io.highwater.replication.control;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The metadata log of a broker whose standing with the quorum may change: it has one source at a
 * time, and its images never go back when that is replaced (CTL-2). A source that was replaced is
 * closed by whoever replaced it.
 */
public final class SwitchingMetadataLog extends PublishingMetadataLog {
  private volatile MetadataLog source;

  /** Begins with a source. */
  public SwitchingMetadataLog(MetadataLog first) {
    source = first;
    listen(first);
  }

  /** From now on commands go to another source and images come from there. */
  public void switchTo(MetadataLog next) {
    source = next;
    if (next.controller().id() == Controller.NONE) {
      controllers.update(Controller::lost);
    }
    listen(next);
  }

  private void listen(MetadataLog log) {
    log.follow(
        image -> {
          if (log == source) {
            images.update(before -> image.index() > before.index() ? image : before);
          }
        });
    log.onControllerChange(
        controller -> {
          if (log == source) {
            learn(controller);
          }
        });
  }

  @Override
  public CompletableFuture<CommandResult> submit(MetadataCommand command) {
    return source.submit(command);
  }

  @Override
  public CompletableFuture<CommandResult> submitByOthers(MetadataCommand command) {
    return source.submitByOthers(command);
  }

  @Override
  public Set<Integer> controllers() {
    return source.controllers();
  }

  @Override
  public CompletableFuture<Void> resign() {
    return source.resign();
  }

  @Override
  public CompletableFuture<Void> resignTo(List<Integer> successors) {
    return source.resignTo(successors);
  }

  @Override
  public CompletableFuture<Void> stepDown() {
    return source.stepDown();
  }

  @Override
  public long unflushedMs() {
    return source.unflushedMs();
  }

  /** Closes the present source. */
  @Override
  public void close() {
    source.close();
  }
}
