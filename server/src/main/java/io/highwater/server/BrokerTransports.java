package io.highwater.server;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.grpc.ControllerGrpcService;
import io.highwater.replication.control.grpc.GrpcControllerTransport;
import io.highwater.replication.control.grpc.GrpcMetadataFeed;
import io.highwater.replication.control.grpc.MetadataFeedGrpcService;
import io.highwater.replication.control.observer.MetadataFeed;
import io.highwater.replication.control.session.ControllerTransport;
import io.highwater.replication.grpc.GrpcReplicaTransport;
import io.highwater.replication.grpc.ReplicaGrpcService;
import io.highwater.replication.transport.ReplicaTransport;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;

/** How this broker talks to others: replica streams, sessions and probes, all on the owner loop. */
final class BrokerTransports {
  private final EventLoopGroup loops;
  private final OwnerLoop loop;
  private final int maxFrameBytes;

  /**
   * @param loops the owner loop as Netty knows it
   */
  BrokerTransports(EventLoopGroup loops, OwnerLoop loop, int maxFrameBytes) {
    this.loops = loops;
    this.loop = loop;
    this.maxFrameBytes = maxFrameBytes;
  }

  ReplicaTransport replicas() {
    return new GrpcReplicaTransport(loop, leader -> channel(leader.host(), leader.port()));
  }

  ControllerTransport controller() {
    return new GrpcControllerTransport(loop, endpoint -> channel(endpoint.host(), endpoint.port()));
  }

  MetadataFeed metadataFeed(String clusterId, int brokerId) {
    return new GrpcMetadataFeed(
        clusterId, brokerId, loop, endpoint -> channel(endpoint.host(), endpoint.port()));
  }

  /** What other brokers are served with. */
  List<BindableService> services(Membership membership, Quorum quorum) {
    List<BindableService> services = new ArrayList<>();
    services.add(new ReplicaGrpcService(loop, membership.replicas()));
    services.add(new ControllerGrpcService(loop, membership.controller(), membership.session()));
    quorum
        .history()
        .ifPresent(
            history ->
                services.add(
                    new MetadataFeedGrpcService(loop, history, quorum.log(), quorum::isMember)));
    return services;
  }

  private ManagedChannel channel(String host, int port) {
    return NettyTransport.channel(host, port, loops, maxFrameBytes).build();
  }
}
