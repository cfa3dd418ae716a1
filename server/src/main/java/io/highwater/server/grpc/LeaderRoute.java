package io.highwater.server.grpc;

import io.grpc.ManagedChannel;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.produce.ProduceHandler;
import io.highwater.server.pubsub.BatchRoute;
import io.netty.channel.EventLoopGroup;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sends batches of record-level clients to whoever leads their partition: this broker's own
 * handler, or another broker over one produce stream, so that a client may publish anywhere. On the
 * owner loop.
 */
public final class LeaderRoute implements BatchRoute, AutoCloseable {
  private final int nodeId;
  private final TopicCatalog catalog;
  private final ProduceHandler own;
  private final EventLoopGroup loops;
  private final int maxFrameBytes;
  private final Map<Integer, ForwardStream> streams = new HashMap<>();

  /**
   * @param nodeId this broker
   * @param own appends to partitions led here
   * @param loops the owner loop, on which connections to other brokers run too
   */
  public LeaderRoute(
      int nodeId,
      TopicCatalog catalog,
      ProduceHandler own,
      EventLoopGroup loops,
      int maxFrameBytes) {
    this.nodeId = nodeId;
    this.catalog = catalog;
    this.own = own;
    this.loops = loops;
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  public void append(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
    LeaderHint leader = catalog.leader(request.partition());
    if (leader == null || leader.nodeId() == nodeId) {
      own.append(request, records, answer);
    } else {
      streamTo(leader).append(request, records, answer);
    }
  }

  private ForwardStream streamTo(LeaderHint leader) {
    ForwardStream stream = streams.get(leader.nodeId());
    if (stream == null || stream.isOver()) {
      stream = new ForwardStream(connect(leader));
      streams.put(leader.nodeId(), stream);
    }
    return stream;
  }

  private ManagedChannel connect(LeaderHint leader) {
    return NettyTransport.channel(leader.host(), leader.port(), loops, maxFrameBytes).build();
  }

  /** Closes the connections; what is under way on them fails. */
  @Override
  public void close() {
    streams.values().forEach(ForwardStream::close);
    streams.clear();
  }
}
