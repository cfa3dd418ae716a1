package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.PublishRequest;
import io.highwater.proto.v1.PublishResponse;
import io.highwater.proto.v1.PublishStreamRequest;
import io.highwater.proto.v1.PublishStreamResponse;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.OffsetLookup;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.pubsub.PublishHandler;
import java.util.concurrent.Executor;

/** Records one by one for clients in any language. On the owner loop. */
public final class PubSubGrpcService extends PubSubServiceGrpc.PubSubServiceImplBase {
  private static final int MAX_RECORDS = 200_000;

  private final LedPartitions partitions;
  private final PublishHandler handler;
  private final PartitionReader reader;
  private final OffsetLookup offsets;
  private final OwnerLoop loop;
  private final Executor decoders;

  /**
   * Serves any topic's publications, and subscriptions of partitions led here.
   *
   * @param decoders inflate what subscribers are sent
   */
  public PubSubGrpcService(
      LedPartitions partitions,
      PublishHandler handler,
      PartitionReader reader,
      OffsetLookup offsets,
      OwnerLoop loop,
      Executor decoders) {
    this.partitions = partitions;
    this.handler = handler;
    this.reader = reader;
    this.offsets = offsets;
    this.loop = loop;
    this.decoders = decoders;
  }

  @Override
  public void publish(PublishRequest request, StreamObserver<PublishResponse> call) {
    try {
      handler.publish(
          publication(request), receipts -> Replies.send(RecordMessages.response(receipts), call));
    } catch (HighwaterException e) {
      Replies.fail(e, call);
    }
  }

  @Override
  public StreamObserver<PublishStreamRequest> publishStream(
      StreamObserver<PublishStreamResponse> client) {
    return new PublishStream(handler, (ServerCallStreamObserver<PublishStreamResponse>) client);
  }

  @Override
  public StreamObserver<SubscribeRequest> subscribe(StreamObserver<SubscribeResponse> client) {
    ServerCallStreamObserver<SubscribeResponse> call =
        (ServerCallStreamObserver<SubscribeResponse>) client;
    SubscribeStream stream = new SubscribeStream(partitions, offsets, call);
    stream.begin(
        new FetchSession(partitions, reader, loop, stream),
        new RecordDelivery(
            reader, decoders, loop, call, ReaderConnections.current(), stream.credit(), stream));
    return stream;
  }

  /**
   * What a request wants published.
   *
   * @throws HighwaterException INVALID_REQUEST
   */
  static PublishHandler.Publication publication(PublishRequest request) {
    if (request.getPartition() < 0) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          "partition " + request.getPartition() + ": leave it out to have one chosen");
    }
    Messages.requireAtMost(MAX_RECORDS, request.getRecordsCount(), "records");
    return new PublishHandler.Publication(
        request.getTopic(),
        request.hasPartition() ? request.getPartition() : PublishHandler.ANY_PARTITION,
        Acks.of(request.getAcksValue()),
        request.getRecordsList().stream().map(RecordMessages::newRecord).toList());
  }
}
