package io.highwater.server;

import io.grpc.BindableService;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.QuorumAdminServiceGrpc;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.QuorumMembership;
import io.highwater.server.fetch.FetchHandler;
import io.highwater.server.fetch.OffsetLookup;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.fetch.ReadBuffers;
import io.highwater.server.grpc.ClusterAdminGrpcService;
import io.highwater.server.grpc.FetchGrpcService;
import io.highwater.server.grpc.LeaderRoute;
import io.highwater.server.grpc.MetadataGrpcService;
import io.highwater.server.grpc.ProduceGrpcService;
import io.highwater.server.grpc.PubSubGrpcService;
import io.highwater.server.grpc.QuorumAdminGrpcService;
import io.highwater.server.grpc.TopicAdminGrpcService;
import io.highwater.server.loop.EventLoops;
import io.highwater.server.loop.IoPool;
import io.highwater.server.metadata.FeatureAdmin;
import io.highwater.server.metadata.ImageWaiters;
import io.highwater.server.metadata.IsrHistory;
import io.highwater.server.metadata.MetadataCommands;
import io.highwater.server.metadata.PartitionAdmin;
import io.highwater.server.metadata.ProducerIds;
import io.highwater.server.metadata.QuorumAdmin;
import io.highwater.server.metadata.Rearrangement;
import io.highwater.server.metadata.TopicAdmin;
import io.highwater.server.metadata.Unregistration;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.RecordDeleter;
import io.highwater.server.partition.ReplicaLags;
import io.highwater.server.partition.ReplicaVerification;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.BatchGate;
import io.highwater.server.produce.ProduceHandler;
import io.highwater.server.pubsub.PublishHandler;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** Wires what clients are served with around the replicas of this broker. */
final class ClientServices implements AutoCloseable {
  /** Full names of the services, known before they can be built. */
  static final List<String> NAMES =
      List.of(
          ProduceServiceGrpc.SERVICE_NAME,
          FetchServiceGrpc.SERVICE_NAME,
          PubSubServiceGrpc.SERVICE_NAME,
          MetadataServiceGrpc.SERVICE_NAME,
          TopicAdminServiceGrpc.SERVICE_NAME,
          ClusterAdminServiceGrpc.SERVICE_NAME,
          QuorumAdminServiceGrpc.SERVICE_NAME);

  private static final int READ_BUFFER_BYTES = 256 << 10;

  private final List<BindableService> services;
  private final LeaderRoute route;
  private final OwnerLoop loop;
  private final IoPool validation = new IoPool("highwater-validation", 1);

  /** What the services stand on. */
  record Ground(
      ServerConfig config,
      EventLoops eventLoops,
      OwnerLoop loop,
      Executor ioPool,
      Executor decoders,
      MetadataLog metadataLog,
      Supplier<Optional<QuorumMembership>> quorum,
      Replicas replicas,
      TopicCatalog catalog,
      ImageWaiters images,
      IsrHistory isrHistory,
      EpochClock epochClock,
      NanoClock nanoClock,
      Supplier<UUID> topicIds) {}

  ClientServices(Ground ground) {
    ServerConfig config = ground.config();
    int nodeId = config.controller().nodeId();
    TopicCatalog catalog = ground.catalog();
    loop = ground.loop();
    LedPartitions partitions = new LedPartitions(catalog, ground.replicas());
    ProduceHandler produce =
        new ProduceHandler(
            partitions,
            loop,
            config.requests().requestTimeoutMs(),
            ground.replicas().leaderStreams().catchUpRate(),
            ground.nanoClock());
    ProducerIds producerIds =
        new ProducerIds(nodeId, ground.replicas()::brokerEpoch, ground.metadataLog(), loop);
    PartitionReader reader =
        new PartitionReader(new ReadBuffers(READ_BUFFER_BYTES), ground.ioPool(), loop);
    OffsetLookup offsets = new OffsetLookup(partitions, ground.ioPool(), loop);
    FetchHandler fetch = new FetchHandler(partitions, reader, loop, ground.nanoClock());
    MetadataCommands commands = new MetadataCommands(ground.metadataLog(), ground.images(), loop);
    TopicAdmin admin =
        new TopicAdmin(catalog, commands, config.topics(), config.storage(), ground.topicIds());
    route =
        new LeaderRoute(
            nodeId,
            catalog,
            produce::append,
            loop,
            leader ->
                NettyTransport.channel(
                        leader.host(),
                        leader.port(),
                        ground.eventLoops().data(),
                        config.maxFrameBytes())
                    .build());
    QuorumAdmin quorum = new QuorumAdmin(nodeId, catalog, ground.metadataLog(), ground.quorum());
    services =
        List.of(
            new ProduceGrpcService(
                nodeId,
                config.topics().messageMaxBytes(),
                config.requests().streamWindowBytes(),
                catalog,
                produce,
                new BatchGate(
                    loop, validation, config.requestMemoryBytes(Runtime.getRuntime().maxMemory())),
                producerIds),
            new FetchGrpcService(partitions, reader, loop, fetch, offsets, config.requests()),
            new PubSubGrpcService(
                partitions,
                new PublishHandler(catalog, route, ground.epochClock()),
                reader,
                offsets,
                loop,
                ground.decoders()),
            new MetadataGrpcService(
                catalog,
                ground.isrHistory(),
                () -> ground.metadataLog().controller().id(),
                ground.replicas()::damage),
            new TopicAdminGrpcService(
                admin, catalog, new RecordDeleter(partitions, ground.replicas().maintenance())),
            new ClusterAdminGrpcService(
                catalog,
                new PartitionAdmin(catalog, commands),
                new Rearrangement(catalog, commands),
                new Unregistration(catalog, quorum, commands, loop),
                new FeatureAdmin(catalog, commands, ground.metadataLog()::controllers),
                new ReplicaLags(partitions, ground.replicas().leaderStreams()),
                new ReplicaVerification(partitions, ground.replicas().leaderStreams())),
            new QuorumAdminGrpcService(quorum));
  }

  /** The services, to be opened on the CLIENTS listener. */
  List<BindableService> services() {
    return services;
  }

  /** Closes connections to other brokers, soon; batches that are being looked into are let go. */
  @Override
  public void close() {
    loop.execute(route::close);
    validation.close();
  }
}
