package io.highwater.server.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ImageWaitersTest {
  private static final long PATIENCE_MS = 100;

  private final List<Runnable> timers = new ArrayList<>();
  private final ImageWaiters waiters =
      new ImageWaiters(
          new OwnerLoop() {
            @Override
            public void execute(Runnable task) {
              task.run();
            }

            @Override
            public Cancellable schedule(long delayMs, Runnable task) {
              timers.add(task);
              return () -> timers.remove(task);
            }

            @Override
            public boolean inLoop() {
              return true;
            }
          });

  @Test
  void whatIsKnownIsWaitedForUntilItIsInForce() {
    CompletableFuture<Void> reached = waiters.await(7, PATIENCE_MS);
    waiters.known(7);
    waiters.applied(6);
    assertThat(reached).isNotDone();
    waiters.applied(8);
    assertThat(reached).isCompleted();
    assertThat(waiters.await(8, PATIENCE_MS)).isCompleted();
  }

  @Test
  void inTheEndItIsEnoughThatItIsKnown() {
    CompletableFuture<Void> known = waiters.await(7, PATIENCE_MS);
    CompletableFuture<Void> unknown = waiters.await(8, PATIENCE_MS);
    waiters.known(7);
    List.copyOf(timers).forEach(Runnable::run);
    assertThat(known).isCompleted();
    assertThat(unknown)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT));
  }
}
