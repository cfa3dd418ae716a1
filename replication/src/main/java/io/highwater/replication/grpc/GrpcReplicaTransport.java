package io.highwater.replication.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.BrokerEndpoint;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.LeaderLink;
import io.highwater.replication.transport.LeaderLinkListener;
import io.highwater.replication.transport.ReplicaTransport;
import java.util.function.Function;

/**
 * Opens replica streams over gRPC. Each stream has a connection of its own: after a break the next
 * one starts afresh at once, where a shared channel would wait out gRPC's own back-off.
 */
public final class GrpcReplicaTransport implements ReplicaTransport {
  private final OwnerLoop loop;
  private final Function<BrokerEndpoint, ManagedChannel> channels;

  /**
   * @param loop the owner loop
   * @param channels makes the channel of one stream, which shuts it down when it closes; best on
   *     the event loop that is the owner loop, so that frames do not change threads
   */
  public GrpcReplicaTransport(OwnerLoop loop, Function<BrokerEndpoint, ManagedChannel> channels) {
    this.loop = loop;
    this.channels = channels;
  }

  @Override
  public LeaderLink open(BrokerEndpoint leader, Hello hello, LeaderLinkListener listener) {
    ManagedChannel channel = channels.apply(leader);
    GrpcLeaderLink link =
        new GrpcLeaderLink(
            loop, channel, channel.newCall(RecordStreams.REPLICATE, CallOptions.DEFAULT), listener);
    link.start(new Metadata(), hello);
    return link;
  }
}
