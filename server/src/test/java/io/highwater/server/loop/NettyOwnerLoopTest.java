package io.highwater.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.Invariant;
import io.highwater.proto.InvariantViolation;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.Cancellable;
import io.netty.channel.EventLoopGroup;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Delays and order on the owner loop. */
class NettyOwnerLoopTest {
  private final EventLoopGroup netty = NettyTransport.eventLoops(1, "test-data");
  private final List<InvariantViolation> violations = new CopyOnWriteArrayList<>();
  private final AtomicInteger looksAtTheClock = new AtomicInteger();
  private final NettyOwnerLoop loop =
      new NettyOwnerLoop(netty.next(), this::nanoTime, violations::add);

  private long nanoTime() {
    looksAtTheClock.incrementAndGet();
    return SystemNanoClock.INSTANCE.nanoTime();
  }

  @AfterEach
  void close() throws InterruptedException {
    netty.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void delaysRunInTheOrderOfTheirDeadlines() throws InterruptedException {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(3);
    loop.execute(
        () -> {
          for (int delayMs : new int[] {90, 10, 50}) {
            loop.schedule(
                delayMs,
                () -> {
                  assertThat(loop.inLoop()).isTrue();
                  ran.add(delayMs);
                  done.countDown();
                });
          }
        });

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).containsExactly(10, 50, 90);
  }

  @Test
  void theLoopSleepsUntilTheNearestDelayIsDue() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(2);
    loop.execute(
        () -> {
          loop.schedule(60_000, done::countDown);
          loop.schedule(600, done::countDown);
          loop.schedule(400, done::countDown);
          loop.schedule(50, () -> {}).cancel();
        });

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    // One look for the loop's beginning and for each delay, one for each turn, and a few to spare.
    assertThat(looksAtTheClock).hasValueLessThan(15);
  }

  @Test
  void aCancelledDelayNeverRunsEvenWhenItIsDueAlready() throws InterruptedException {
    AtomicBoolean ran = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(
        () -> {
          Cancellable second = loop.schedule(8, () -> ran.set(true));
          // Due in the same turn of the wheel, and first.
          loop.schedule(1, second::cancel);
          loop.schedule(60, done::countDown);
        });

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).isFalse();
  }

  @Test
  void theWheelKeepsTimeAfterItStoodStill() throws InterruptedException {
    for (int round = 0; round < 3; round++) {
      CountDownLatch done = new CountDownLatch(1);
      Cancellable delay = loop.schedule(20, done::countDown);
      assertThat(delay).isNotNull();
      assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aFailingTaskDoesNotHoldUpTheNext() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(
        () -> {
          loop.schedule(
              5,
              () -> {
                throw new IllegalStateException("on purpose");
              });
          loop.schedule(5, done::countDown);
        });

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBrokenInvariantIsReportedFromTasksAndDelays() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(() -> Invariant.check(false, "in a task", 1));
    loop.schedule(1, () -> Invariant.check(false, "in a delay", 2));
    loop.schedule(50, done::countDown);

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(violations).hasSize(2);
  }
}
