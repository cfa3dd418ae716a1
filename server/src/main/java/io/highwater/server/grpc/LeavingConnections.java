package io.highwater.server.grpc;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that connections leave that were told to go away, such as those whose clients answer
 * no PING: what ends their calls is written, but nothing would flush it, and who vanished takes
 * nothing of it anyway. On the loop of the listener.
 */
final class LeavingConnections {
  static final int SWEEP_MS = 2_500;

  /** After so many sweeps a connection is closed, whatever its calls wait for. */
  static final int PATIENCE = 4;

  private final Collection<Channel> open;

  /** Those that were told to, and for how many sweeps they have been. */
  private Map<Channel, Integer> leaving = Map.of();

  private boolean sweeping;

  /**
   * @param open a view of all connections
   */
  LeavingConnections(Collection<Channel> open) {
    this.open = open;
  }

  /** There is a connection more: as long as there are any they are looked at. */
  void watch(EventExecutor loop) {
    if (!sweeping) {
      sweeping = true;
      Future<?> unused = loop.schedule(() -> sweep(loop), SWEEP_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void sweep(EventExecutor loop) {
    sweeping = false;
    Map<Channel, Integer> stillLeaving = new HashMap<>();
    for (Channel channel : List.copyOf(open)) {
      Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
      // None until its preface has come.
      if (http2 != null && http2.connection().goAwaySent()) {
        int sweeps = leaving.getOrDefault(channel, 0) + 1;
        stillLeaving.put(channel, sweeps);
        channel.flush();
        if (sweeps > PATIENCE) {
          // Past HTTP/2, which would wait for what nobody reads.
          Future<?> unused = channel.pipeline().firstContext().close();
        }
      }
    }
    leaving = stillLeaving;
    if (!open.isEmpty()) {
      watch(loop);
    }
  }
}
