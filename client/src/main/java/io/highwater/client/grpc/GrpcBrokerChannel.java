package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.BrokerUnreachableException;
import io.highwater.client.ClusterDescription;
import io.highwater.client.ControllerDescription;
import io.highwater.client.DeletedRecords;
import io.highwater.client.DrainProgress;
import io.highwater.client.FetchStream;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetQuery;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.ProduceStream;
import io.highwater.client.ProducerIdentity;
import io.highwater.client.QuorumChange;
import io.highwater.client.QuorumDescription;
import io.highwater.client.RecordDeletion;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.AddControllerRequest;
import io.highwater.proto.v1.AddPartitionsRequest;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeQuorumRequest;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.DrainBrokerRequest;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.InitProducerIdRequest;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.QuorumAdminServiceGrpc;
import io.highwater.proto.v1.RebalanceClusterRequest;
import io.highwater.proto.v1.RemoveControllerRequest;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.proto.v1.UnregisterBrokerRequest;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One gRPC connection to one broker. Every callback runs on the client's loop, in its turn. */
final class GrpcBrokerChannel implements BrokerChannel {
  private static final int NO_PRODUCER = -1;

  private final BrokerAddress address;
  private final ManagedChannel channel;
  private final CallOptions options;
  private boolean broken;

  /**
   * @param loop runs the callbacks
   */
  GrpcBrokerChannel(BrokerAddress address, ManagedChannel channel, Executor loop) {
    this.address = address;
    this.channel = channel;
    this.options = CallOptions.DEFAULT.withExecutor(loop);
  }

  @Override
  public BrokerAddress address() {
    return address;
  }

  @Override
  public boolean isUsable() {
    if (broken) {
      return false;
    }
    ConnectivityState state = channel.getState(false);
    return state != ConnectivityState.TRANSIENT_FAILURE && state != ConnectivityState.SHUTDOWN;
  }

  @Override
  public CompletableFuture<ClusterDescription> describeCluster(long timeoutMs) {
    return call(
        MetadataServiceGrpc.getDescribeClusterMethod(),
        DescribeClusterRequest.getDefaultInstance(),
        timeoutMs,
        WireValues::cluster);
  }

  @Override
  public CompletableFuture<TopicListing> describeTopics(Collection<String> names, long timeoutMs) {
    return call(
        MetadataServiceGrpc.getDescribeTopicsMethod(),
        DescribeTopicsRequest.newBuilder().addAllTopics(names).build(),
        timeoutMs,
        WireValues::listing);
  }

  @Override
  public CompletableFuture<TopicDescription> createTopic(NewTopic topic, long timeoutMs) {
    return call(
        TopicAdminServiceGrpc.getCreateTopicMethod(),
        CreateTopicRequest.newBuilder()
            .setName(topic.name())
            .setPartitions(topic.partitions())
            .setReplicationFactor(topic.replicationFactor())
            .putAllConfigs(topic.configs())
            .build(),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<TopicDescription> alterTopic(
      TopicAlteration alteration, boolean dryRun, long timeoutMs) {
    return call(
        TopicAdminServiceGrpc.getAlterTopicConfigsMethod(),
        AdminValues.alteration(alteration, dryRun),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<TopicDescription> addPartitions(
      String name, int partitions, boolean dryRun, long timeoutMs) {
    return call(
        TopicAdminServiceGrpc.getAddPartitionsMethod(),
        AddPartitionsRequest.newBuilder()
            .setName(name)
            .setPartitions(partitions)
            .setDryRun(dryRun)
            .build(),
        timeoutMs,
        response -> WireValues.topic(response.getTopic()));
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> electLeaders(
      boolean unclean, List<TopicPartition> partitions, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getElectLeadersMethod(),
        AdminValues.election(unclean, partitions),
        timeoutMs,
        response -> AdminValues.outcomes(response.getOutcomesList()));
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> reassign(
      List<ReplicaMove> moves, boolean cancel, boolean dryRun, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getReassignPartitionsMethod(),
        AdminValues.reassignment(moves, cancel, dryRun),
        timeoutMs,
        response -> AdminValues.outcomes(response.getOutcomesList()));
  }

  @Override
  public CompletableFuture<LeaderAnswer<List<ReplicaLag>>> describeReplicas(
      TopicPartition partition, int leaderEpoch, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getDescribeReplicasMethod(),
        AdminValues.replicas(partition, leaderEpoch),
        timeoutMs,
        AdminValues::lags);
  }

  @Override
  public CompletableFuture<DrainProgress> drainBroker(
      int nodeId, boolean undo, boolean dryRun, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getDrainBrokerMethod(),
        DrainBrokerRequest.newBuilder().setNodeId(nodeId).setUndo(undo).setDryRun(dryRun).build(),
        timeoutMs,
        AdminValues::drained);
  }

  @Override
  public CompletableFuture<Void> unregisterBroker(int nodeId, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getUnregisterBrokerMethod(),
        UnregisterBrokerRequest.newBuilder().setNodeId(nodeId).build(),
        timeoutMs,
        response -> null);
  }

  @Override
  public CompletableFuture<List<ReplicaMove>> rebalance(boolean dryRun, long timeoutMs) {
    return call(
        ClusterAdminServiceGrpc.getRebalanceClusterMethod(),
        RebalanceClusterRequest.newBuilder().setDryRun(dryRun).build(),
        timeoutMs,
        response -> AdminValues.moves(response.getMovesList()));
  }

  @Override
  public CompletableFuture<UUID> deleteTopic(String name, long timeoutMs) {
    return call(
        TopicAdminServiceGrpc.getDeleteTopicMethod(),
        DeleteTopicRequest.newBuilder().setName(name).build(),
        timeoutMs,
        response -> WireValues.topicId(response.getTopicId()));
  }

  @Override
  public CompletableFuture<QuorumDescription> describeQuorum(long timeoutMs) {
    return call(
        QuorumAdminServiceGrpc.getDescribeQuorumMethod(),
        DescribeQuorumRequest.getDefaultInstance(),
        timeoutMs,
        response ->
            new QuorumDescription(
                WireValues.controllers(response.getVotersList()),
                WireValues.controllers(response.getStandbysList()),
                response.getLeaderId()));
  }

  @Override
  public CompletableFuture<List<ControllerDescription>> changeQuorum(
      QuorumChange change, long timeoutMs) {
    return change.adds()
        ? call(
            QuorumAdminServiceGrpc.getAddControllerMethod(),
            AddControllerRequest.newBuilder()
                .setNodeId(change.nodeId())
                .setDryRun(change.dryRun())
                .build(),
            timeoutMs,
            response -> WireValues.controllers(response.getVotersList()))
        : call(
            QuorumAdminServiceGrpc.getRemoveControllerMethod(),
            RemoveControllerRequest.newBuilder()
                .setNodeId(change.nodeId())
                .setDryRun(change.dryRun())
                .build(),
            timeoutMs,
            response -> WireValues.controllers(response.getVotersList()));
  }

  @Override
  public CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs) {
    return call(
        FetchServiceGrpc.getListOffsetsMethod(),
        ListOffsetsRequest.newBuilder()
            .addAllQueries(queries.stream().map(WireValues::query).toList())
            .build(),
        timeoutMs,
        response -> WireValues.answers(response, queries.size()));
  }

  @Override
  public CompletableFuture<LeaderAnswer<DeletedRecords>> deleteRecords(
      RecordDeletion deletion, long timeoutMs) {
    return call(
        TopicAdminServiceGrpc.getDeleteRecordsMethod(),
        WireValues.deletion(deletion),
        timeoutMs,
        WireValues::deleted);
  }

  @Override
  public CompletableFuture<ProducerIdentity> initProducerId(long timeoutMs) {
    return call(
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
    return GrpcProduceStream.open(channel, options, this::failure, listener);
  }

  @Override
  public FetchStream openFetch(FetchStream.Listener listener) {
    return GrpcFetchStream.open(channel, options, this::failure, listener);
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

  private <Q, R, T> CompletableFuture<T> call(
      MethodDescriptor<Q, R> method, Q request, long timeoutMs, Function<R, T> read) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    CallOptions bounded = options.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS);
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, bounded),
        request,
        new StreamObserver<R>() {
          @Override
          public void onNext(R response) {
            try {
              answer.complete(read.apply(response));
            } catch (RuntimeException e) {
              answer.completeExceptionally(e);
            }
          }

          @Override
          public void onError(Throwable thrown) {
            answer.completeExceptionally(failure(thrown));
          }

          @Override
          public void onCompleted() {
            // An answer without a message: only a broken server does so.
            answer.completeExceptionally(
                failure(Status.INTERNAL.withDescription("no response").asRuntimeException()));
          }
        });
    return answer;
  }

  /** What a call ended with, as ours: it names the address, and notes a broken connection. */
  private HighwaterException failure(Throwable thrown) {
    Metadata trailers = Status.trailersFromThrowable(thrown);
    boolean fromBroker = trailers != null && trailers.containsKey(StatusMapper.ERROR);
    HighwaterException failure = StatusMapper.fromThrowable(thrown);
    if (fromBroker) {
      return failure;
    }
    if (Status.fromThrowable(thrown).getCode() != Status.Code.UNAVAILABLE) {
      return new HighwaterException(failure.code(), address + ": " + failure.getMessage(), thrown);
    }
    broken = true;
    Throwable root = rootOf(thrown);
    String text = address + ": " + (root.getMessage() == null ? root : root.getMessage());
    boolean neverConnected =
        root instanceof ConnectException
            || root instanceof UnknownHostException
            || (root instanceof SocketException && text.contains("unreachable"));
    return neverConnected
        ? new BrokerUnreachableException(text, thrown)
        : new HighwaterException(failure.code(), address + ": " + failure.getMessage(), thrown);
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }
}
