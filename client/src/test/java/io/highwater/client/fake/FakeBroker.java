package io.highwater.client.fake;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.highwater.client.fake.FakeCluster.FakeTopic;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.CreateTopicResponse;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.DeleteTopicRequest;
import io.highwater.proto.v1.DeleteTopicResponse;
import io.highwater.proto.v1.DescribeClusterRequest;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.proto.v1.DescribeTopicsRequest;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.InitProducerIdRequest;
import io.highwater.proto.v1.InitProducerIdResponse;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.ListOffsetsResponse;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.OffsetAnswer;
import io.highwater.proto.v1.OffsetQuery;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceHello;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One broker of a {@link FakeCluster}: its services on a real socket. */
final class FakeBroker {
  private final FakeCluster cluster;
  private final int node;
  private final EventLoopGroup loops;
  private final Server server;
  private final List<ProduceCall> produceCalls = new ArrayList<>();
  private final List<FakeFetchCall> fetchCalls = new ArrayList<>();

  FakeBroker(FakeCluster cluster, int node, int port) {
    this.cluster = cluster;
    this.node = node;
    this.loops = NettyTransport.eventLoops(1, "fake-broker-" + node);
    try {
      this.server =
          NettyTransport.server(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                  loops,
                  8 * 1024 * 1024)
              .addService(
                  RecordStreams.serve(
                      new Produce().bindService(), RecordStreams.PRODUCE, this::openProduce))
              .addService(
                  RecordStreams.serve(
                      new Fetch().bindService(), RecordStreams.FETCH, this::openFetch))
              .addService(new Metadata())
              .addService(new TopicAdmin())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return server.getPort();
  }

  void pumpFetches() {
    new ArrayList<>(fetchCalls).forEach(FakeFetchCall::pump);
  }

  void dropStreams() {
    new ArrayList<>(produceCalls).forEach(ProduceCall::drop);
    new ArrayList<>(fetchCalls).forEach(FakeFetchCall::drop);
  }

  void close() {
    server.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private StreamObserver<RecordsFrame<ProduceStreamRequest>> openProduce(
      StreamObserver<ProduceStreamResponse> out) {
    synchronized (cluster) {
      ProduceCall call = new ProduceCall(out);
      produceCalls.add(call);
      out.onNext(
          ProduceStreamResponse.newBuilder()
              .setHello(
                  ProduceHello.newBuilder()
                      .setNodeId(node)
                      .setMaxBatchBytes(cluster.maxBatchBytes)
                      .setCredit(Credit.newBuilder().setBytes(cluster.creditBytes)))
              .build());
      return call;
    }
  }

  private StreamObserver<io.highwater.proto.v1.FetchStreamRequest> openFetch(
      StreamObserver<RecordsFrame<FetchStreamResponse>> out) {
    synchronized (cluster) {
      FakeFetchCall call = new FakeFetchCall(cluster, node, out, fetchCalls::remove);
      fetchCalls.add(call);
      return call;
    }
  }

  /** One produce stream. */
  private final class ProduceCall implements StreamObserver<RecordsFrame<ProduceStreamRequest>> {
    private final StreamObserver<ProduceStreamResponse> out;
    private long receivedBytes;
    private boolean over;

    ProduceCall(StreamObserver<ProduceStreamResponse> out) {
      this.out = out;
    }

    @Override
    public void onNext(RecordsFrame<ProduceStreamRequest> frame) {
      synchronized (cluster) {
        try {
          if (!over) {
            receive(frame);
          }
        } finally {
          frame.release();
        }
      }
    }

    private void receive(RecordsFrame<ProduceStreamRequest> frame) {
      receivedBytes += frame.records().remaining();
      ProduceStreamRequest request = frame.head();
      ProduceAck.Builder ack = ProduceAck.newBuilder().setCorrelationId(request.getCorrelationId());
      if (cluster.roll() < cluster.dropRate) {
        drop();
        return;
      }
      FakePartition log = cluster.find(request.getTopicId(), "", request.getPartition());
      ErrorCode error = refusal(log);
      if (error == ErrorCode.NONE) {
        FakePartition.Appended appended = log.append(frame.records());
        error = appended.error();
        ack.setBaseOffset(appended.baseOffset()).setDuplicate(appended.duplicate());
        ack.setStatus(FakeCluster.status(log)).setReplicas(1);
        cluster.appended();
      } else if (log != null) {
        ack.setLeader(cluster.hint(log));
      }
      if (cluster.acksToLose > 0 || cluster.roll() < cluster.dropRate) {
        cluster.acksToLose = Math.max(0, cluster.acksToLose - 1);
        drop();
      } else if (!cluster.silent) {
        ack.setErrorValue(error.wire())
            .setOutcomeValue(error.outcome().wire())
            .setErrorMessage(error.name());
        out.onNext(ProduceStreamResponse.newBuilder().setAck(ack).build());
        Credit.Builder credit = Credit.newBuilder().setBytes(receivedBytes + cluster.creditBytes);
        out.onNext(ProduceStreamResponse.newBuilder().setCredit(credit).build());
      }
    }

    private ErrorCode refusal(FakePartition log) {
      if (log == null) {
        return ErrorCode.UNKNOWN_TOPIC_ID;
      }
      if (log.leader != node) {
        return ErrorCode.NOT_LEADER_OR_FOLLOWER;
      }
      ErrorCode ordered = cluster.nextAckErrors.poll();
      return ordered == null ? ErrorCode.NONE : ordered;
    }

    void drop() {
      if (!over) {
        over = true;
        produceCalls.remove(this);
        out.onError(Status.UNAVAILABLE.withDescription("dropped by the test").asException());
      }
    }

    @Override
    public void onError(Throwable thrown) {
      onCompleted();
    }

    @Override
    public void onCompleted() {
      synchronized (cluster) {
        over = true;
        produceCalls.remove(this);
      }
    }
  }

  private final class Produce extends ProduceServiceGrpc.ProduceServiceImplBase {
    @Override
    public void initProducerId(
        InitProducerIdRequest request, StreamObserver<InitProducerIdResponse> out) {
      synchronized (cluster) {
        out.onNext(
            InitProducerIdResponse.newBuilder().setProducerId(cluster.nextProducerId()).build());
      }
      out.onCompleted();
    }
  }

  private final class Fetch extends FetchServiceGrpc.FetchServiceImplBase {
    @Override
    public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> out) {
      ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
      synchronized (cluster) {
        request.getQueriesList().forEach(query -> response.addAnswers(answer(query)));
      }
      out.onNext(response.build());
      out.onCompleted();
    }

    private OffsetAnswer answer(OffsetQuery query) {
      FakePartition log = cluster.find(query.getTopicId(), query.getTopic(), query.getPartition());
      if (log == null || log.leader != node) {
        ErrorCode error =
            log == null ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NOT_LEADER_OR_FOLLOWER;
        return OffsetAnswer.newBuilder().setErrorValue(error.wire()).build();
      }
      long offset =
          switch (query.getSpec()) {
            case OFFSET_SPEC_EARLIEST -> log.logStart;
            case OFFSET_SPEC_TIMESTAMP -> log.offsetAtOrAfter(query.getTimestamp());
            default -> log.end;
          };
      return OffsetAnswer.newBuilder().setOffset(offset).setStatus(FakeCluster.status(log)).build();
    }
  }

  private final class Metadata extends MetadataServiceGrpc.MetadataServiceImplBase {
    @Override
    public void describeCluster(
        DescribeClusterRequest request, StreamObserver<DescribeClusterResponse> out) {
      synchronized (cluster) {
        out.onNext(
            DescribeClusterResponse.newBuilder()
                .setClusterId(cluster.clusterId)
                .setControllerId(1)
                .addAllBrokers(cluster.brokerInfos())
                .setUncleanLeaderElections(3)
                .build());
      }
      out.onCompleted();
    }

    @Override
    public void describeTopics(
        DescribeTopicsRequest request, StreamObserver<DescribeTopicsResponse> out) {
      if (!cluster.hangs(node)) {
        out.onNext(cluster.describe(request.getTopicsList()));
        out.onCompleted();
      }
    }
  }

  private final class TopicAdmin extends TopicAdminServiceGrpc.TopicAdminServiceImplBase {
    @Override
    public void createTopic(CreateTopicRequest request, StreamObserver<CreateTopicResponse> out) {
      synchronized (cluster) {
        if (cluster.topics.containsKey(request.getName())) {
          out.onError(
              StatusMapper.toException(
                  new HighwaterException(
                      ErrorCode.TOPIC_ALREADY_EXISTS, request.getName() + " is taken")));
          return;
        }
        cluster.createTopic(request.getName(), request.getPartitions());
        out.onNext(
            CreateTopicResponse.newBuilder().setTopic(cluster.info(request.getName())).build());
      }
      out.onCompleted();
    }

    @Override
    public void deleteTopic(DeleteTopicRequest request, StreamObserver<DeleteTopicResponse> out) {
      synchronized (cluster) {
        FakeTopic topic = cluster.topics.get(request.getName());
        if (topic == null) {
          out.onError(
              StatusMapper.toException(
                  new HighwaterException(
                      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "no topic " + request.getName())));
          return;
        }
        cluster.deleteTopic(request.getName());
        out.onNext(DeleteTopicResponse.newBuilder().setTopicId(FakeCluster.id(topic)).build());
      }
      out.onCompleted();
    }
  }
}
