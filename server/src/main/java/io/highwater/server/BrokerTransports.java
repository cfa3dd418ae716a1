package io.highwater.server;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.grpc.ControllerGrpcService;
import io.highwater.replication.control.grpc.GrpcControllerTransport;
import io.highwater.replication.control.session.ControllerTransport;
import io.highwater.replication.grpc.GrpcReplicaTransport;
import io.highwater.replication.grpc.ReplicaGrpcService;
import io.highwater.replication.transport.ReplicaTransport;
import io.netty.channel.EventLoopGroup;
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

  /** What other brokers are served with. */
  List<BindableService> services(Membership membership) {
    return List.of(
        new ReplicaGrpcService(loop, membership.replicas()),
        new ControllerGrpcService(loop, membership.controller(), membership.session()));
  }

  private ManagedChannel channel(String host, int port) {
    return NettyTransport.channel(host, port, loops, maxFrameBytes).build();
  }
}
