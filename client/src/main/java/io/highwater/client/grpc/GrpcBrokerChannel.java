package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.highwater.client.AdminCalls;
import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClusterDescription;
import io.highwater.client.FetchStream;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetQuery;
import io.highwater.client.ProduceStream;
import io.highwater.client.ProducerIdentity;
import io.highwater.client.TopicListing;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.InitProducerIdRequest;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.ProduceServiceGrpc;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One gRPC connection to one broker. Every callback runs on the client's loop, in its turn. */
final class GrpcBrokerChannel implements BrokerChannel {
  private static final int NO_PRODUCER = -1;

  private final BrokerAddress address;
  private final ManagedChannel channel;
  private final CallOptions options;
  private final GrpcCalls calls;
  private final AdminCalls admin;

  /**
   * @param loop runs the callbacks
   */
  GrpcBrokerChannel(BrokerAddress address, ManagedChannel channel, Executor loop) {
    this.address = address;
    this.channel = channel;
    this.options = CallOptions.DEFAULT.withExecutor(loop);
    this.calls = new GrpcCalls(address, channel, options);
    this.admin = new GrpcAdminCalls(calls);
  }

  @Override
  public BrokerAddress address() {
    return address;
  }

  @Override
  public boolean isUsable() {
    if (calls.isBroken()) {
      return false;
    }
    ConnectivityState state = channel.getState(false);
    return state != ConnectivityState.TRANSIENT_FAILURE && state != ConnectivityState.SHUTDOWN;
  }

  @Override
  public CompletableFuture<ClusterDescription> describeCluster(long timeoutMs) {
    return calls.call(
        MetadataServiceGrpc.getDescribeClusterMethod(),
        DescribeClusterRequest.getDefaultInstance(),
        timeoutMs,
        WireValues::cluster);
  }

  @Override
  public CompletableFuture<TopicListing> describeTopics(Collection<String> names, long timeoutMs) {
    return calls.call(
        MetadataServiceGrpc.getDescribeTopicsMethod(),
        DescribeTopicsRequest.newBuilder().addAllTopics(names).build(),
        timeoutMs,
        WireValues::listing);
  }

  @Override
  public CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs) {
    return calls.call(
        FetchServiceGrpc.getListOffsetsMethod(),
        ListOffsetsRequest.newBuilder()
            .addAllQueries(queries.stream().map(WireValues::query).toList())
            .build(),
        timeoutMs,
        response -> WireValues.answers(response, queries.size()));
  }

  @Override
  public CompletableFuture<ProducerIdentity> initProducerId(long timeoutMs) {
    return calls.call(
        ProduceServiceGrpc.getInitProducerIdMethod(),
        InitProducerIdRequest.newBuilder()
            .setProducerId(NO_PRODUCER)
            .setProducerEpoch(NO_PRODUCER)
            .build(),
        timeoutMs,
        response ->
            new ProducerIdentity(response.getProducerId(), (short) response.getProducerEpoch()));
  }

  @Override
  public ProduceStream openProduce(ProduceStream.Listener listener) {
    return GrpcProduceStream.open(channel, options, calls::failure, listener);
  }

  @Override
  public FetchStream openFetch(FetchStream.Listener listener) {
    return GrpcFetchStream.open(channel, options, calls::failure, listener);
  }

  @Override
  public AdminCalls admin() {
    return admin;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Whether it was closed and nothing runs any more. */
  boolean isClosed() {
    return channel.isTerminated();
  }

  /** Waits until nothing runs any more; not on the loop. */
  void awaitClosed(long timeoutMs) {
    try {
      channel.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
