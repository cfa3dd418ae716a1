package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeavingConnectionsTest {
  private final Http2ConnectionHandler http2 =
      new Http2ConnectionHandlerBuilder()
          .server(true)
          .frameListener(new Http2FrameAdapter())
          .build();
  private final EmbeddedChannel channel = new EmbeddedChannel(http2);
  private final List<Channel> open = new ArrayList<>(List.of(channel));

  @BeforeEach
  void watch() {
    channel.freezeTime();
    new LeavingConnections(open).watch(channel.eventLoop());
    channel.releaseOutbound();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void sweep() {
    channel.advanceTimeBy(LeavingConnections.SWEEP_MS, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  private void goAway() {
    ChannelHandlerContext context = channel.pipeline().context(http2);
    var unused = http2.goAway(context, 0, 0, Unpooled.EMPTY_BUFFER, context.newPromise());
  }

  @Test
  void whatAConnectionIsToldAtItsEndIsSentAndThenItIsClosed() {
    goAway();
    assertThat(channel.outboundMessages()).as("not flushed").isEmpty();
    sweep();
    assertThat(channel.outboundMessages()).isNotEmpty();
    assertThat(channel.isOpen()).as("it may answer yet").isTrue();

    for (int i = 0; i < LeavingConnections.PATIENCE; i++) {
      sweep();
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionThatWasToldNothingStays() {
    for (int i = 0; i < 3 * LeavingConnections.PATIENCE; i++) {
      sweep();
    }
    assertThat(channel.isOpen()).isTrue();
  }
}
