package io.highwater.server.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.sim.SimBroker;
import io.highwater.replication.sim.SimCluster;
import io.highwater.replication.sim.SimLoop;
import io.highwater.replication.sim.SimStream;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The way from one client to one broker. */
final class Link {
  private final SimCluster cluster;
  private final int node;
  private final SimLoop loop;
  private final int brokerId;
  private boolean broken;

  Link(SimCluster cluster, int node, SimLoop loop, int brokerId) {
    this.cluster = cluster;
    this.node = node;
    this.loop = loop;
    this.brokerId = brokerId;
  }

  SimBroker broker() {
    return cluster.broker(brokerId);
  }

  boolean isBroken() {
    return broken;
  }

  static HighwaterException lost() {
    return new HighwaterException(ErrorCode.NETWORK_EXCEPTION, "connection lost");
  }

  /**
   * A stream to the broker.
   *
   * @param onLost runs at the client
   * @param onGone runs at the broker
   */
  SimStream stream(Runnable onLost, Runnable onGone) {
    Runnable breaks =
        () -> {
          broken = true;
          onLost.run();
        };
    return cluster.network().stream(
        new SimStream.End(node, loop, breaks),
        new SimStream.End(brokerId, broker().loop(), onGone));
  }

  /**
   * Asks the broker once: question and answer may get lost.
   *
   * @param serve runs at the broker; it may refuse by throwing
   */
  <T> CompletableFuture<T> ask(String label, long timeoutMs, Function<SimBroker, T> serve) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    SimLoop asked = broker().loop();
    cluster.network().send(node, brokerId, label, () -> asked.run(() -> serve(serve, answer)));
    loop.schedule(
        timeoutMs,
        () ->
            answer.completeExceptionally(
                new HighwaterException(ErrorCode.REQUEST_TIMED_OUT, "no answer")));
    if (!asked.isAlive()) {
      loop.schedule(1, () -> answer.completeExceptionally(lost()));
    }
    return answer;
  }

  private <T> void serve(Function<SimBroker, T> serve, CompletableFuture<T> answer) {
    T value = serve.apply(broker());
    cluster.network().send(brokerId, node, "answer", () -> loop.run(() -> answer.complete(value)));
  }
}
