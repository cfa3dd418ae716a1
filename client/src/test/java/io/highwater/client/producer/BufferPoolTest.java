package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The producer's memory account. */
@Timeout(20)
class BufferPoolTest {
  private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final BufferPool pool = new BufferPool(1_000);

  private CompletableFuture<Boolean> waiter(long bytes, long maxBlockNanos) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return pool.reserve(bytes, maxBlockNanos);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> new Thread(task, "waiter").start());
  }

  @Test
  void nothingIsReservedPastTheCapacity() {
    assertThat(pool.tryReserve(600)).isTrue();
    assertThat(pool.tryReserve(401)).isFalse();
    assertThat(pool.tryReserve(400)).isTrue();
    pool.release(400);
    assertThat(pool.tryReserve(400)).isTrue();
  }

  @Test
  void aWaiterGoesOnThoughOnlyLittleIsReleased() {
    pool.tryReserve(1_000);
    CompletableFuture<Boolean> waiter = waiter(10, LONG_NANOS);
    await().until(pool::isExhausted);
    pool.release(9);
    pool.release(1);
    assertThat(waiter.join()).isTrue();
    assertThat(pool.tryReserve(1)).isFalse();
  }

  @Test
  void aWaiterLargerThanTheWakingPartIsServed() {
    pool.tryReserve(1_000);
    CompletableFuture<Boolean> waiter = waiter(1_000, LONG_NANOS);
    await().until(pool::isExhausted);
    for (int i = 0; i < 10; i++) {
      pool.release(100);
    }
    assertThat(waiter.join()).isTrue();
  }

  @Test
  void waitersAreServedInTheirOrderAndNobodyOvertakesThem() {
    pool.tryReserve(1_000);
    List<Integer> served = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Void> large = waiter(500, LONG_NANOS).thenAccept(ok -> served.add(500));
    await().until(pool::isExhausted);
    CompletableFuture<Void> small = waiter(10, LONG_NANOS).thenAccept(ok -> served.add(10));
    pool.release(400);
    assertThat(pool.tryReserve(10)).isFalse();
    assertThat(served).isEmpty();
    pool.release(100);
    large.join();
    pool.release(10);
    small.join();
    assertThat(served).containsExactly(500, 10);
  }

  @Test
  void waitingEndsWithItsTime() {
    pool.tryReserve(1_000);
    assertThat(waiter(1, TimeUnit.MILLISECONDS.toNanos(12)).join()).isFalse();
    assertThat(pool.isExhausted()).isFalse();
  }

  @Test
  void closingSendsWaitersAway() {
    pool.tryReserve(1_000);
    CompletableFuture<Boolean> waiter = waiter(1, LONG_NANOS);
    await().until(pool::isExhausted);
    pool.close();
    assertThat(waiter.join()).isFalse();
  }
}
