package io.highwater.client.cli;

import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The leader of partition 0 is killed, comes back, and catches up. The kill happens on the caller's
 * thread; the rest on one of its own, since whoever produces may wait for that very broker.
 */
final class Outage {
  /** A cluster too small to do without the broker gets it back after this, however far it is. */
  private static final long LONGEST_SECONDS = 5;

  private static final long CATCH_UP_SECONDS = 60;
  private static final long LOOK_EVERY_MS = 50;

  private final LocalCluster cluster;
  private final Admin admin;
  private final String topic;
  private final LeaderGap gap;
  private final Progress progress;
  private final CountDownLatch restartDue = new CountDownLatch(1);
  private final CompletableFuture<Double> recoverySeconds = new CompletableFuture<>();
  private int killed;

  Outage(LocalCluster cluster, Admin admin, String topic, LeaderGap gap, Progress progress) {
    this.cluster = cluster;
    this.admin = admin;
    this.topic = topic;
    this.gap = gap;
    this.progress = progress;
  }

  /** Kills the leader of partition 0. */
  void begin() {
    killed = admin.describeTopic(topic).partitions().get(0).leaderId();
    progress.step("killing broker " + killed + ", the leader of partition 0 (SIGKILL)");
    gap.killed(System.nanoTime());
    cluster.kill(killed);
    Thread thread = new Thread(this::restart, "outage");
    thread.setDaemon(true);
    thread.start();
  }

  /** Lets the dead broker come back. */
  void end() {
    restartDue.countDown();
  }

  /** Node id of the broker that was killed. */
  int killedNode() {
    return killed;
  }

  /**
   * Waits until every partition has all its replicas in sync.
   *
   * @return seconds from the restart until then
   * @throws CliFailure TIMED_OUT or BROKER_FAILED
   */
  double awaitRecovery() {
    try {
      return recoverySeconds.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void restart() {
    try {
      boolean due = restartDue.await(LONGEST_SECONDS, TimeUnit.SECONDS);
      progress.step(
          "starting broker "
              + killed
              + " again"
              + (due ? "" : ", dead for " + LONGEST_SECONDS + " s"));
      long startNanos = System.nanoTime();
      cluster.restart(killed);
      awaitFullIsr(startNanos);
      double seconds = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
      progress.step("all replicas are in sync again");
      recoverySeconds.complete(seconds);
    } catch (IOException e) {
      recoverySeconds.completeExceptionally(new UncheckedIOException(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      recoverySeconds.completeExceptionally(e);
    } catch (RuntimeException e) {
      recoverySeconds.completeExceptionally(e);
    }
  }

  private void awaitFullIsr(long startNanos) throws InterruptedException {
    while (!isFull()) {
      if (System.nanoTime() - startNanos > TimeUnit.SECONDS.toNanos(CATCH_UP_SECONDS)) {
        throw new CliFailure(
            "TIMED_OUT",
            "not all replicas were in sync " + CATCH_UP_SECONDS + " s after the restart");
      }
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  private boolean isFull() {
    try {
      TopicDescription description = admin.describeTopic(topic);
      return description.partitions().stream()
          .allMatch(p -> p.hasLeader() && p.inSyncReplicas().size() == p.replicas().size());
    } catch (HighwaterException e) {
      if (e.code().retriable()) {
        return false;
      }
      throw e;
    }
  }
}
