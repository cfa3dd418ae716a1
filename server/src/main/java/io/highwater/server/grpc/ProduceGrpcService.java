package io.highwater.server.grpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.InitProducerIdRequest;
import io.highwater.proto.v1.InitProducerIdResponse;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceRequest;
import io.highwater.proto.v1.ProduceResponse;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.server.metadata.ProducerIds;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.produce.BatchGate;
import io.highwater.server.produce.OrderedAppends;
import io.highwater.server.produce.ProduceHandler;
import io.highwater.server.produce.ProduceWindow;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Batches of clients, one by one or as a stream. On the owner loop. */
public final class ProduceGrpcService implements BindableService {
  private final int nodeId;
  private final int maxBatchBytes;
  private final int streamWindowBytes;
  private final TopicCatalog catalog;
  private final ProduceHandler handler;
  private final BatchGate gate;
  private final ProducerIds producerIds;

  /**
   * @param maxBatchBytes told to clients at the beginning of a stream
   * @param streamWindowBytes record bytes that one stream may have in flight
   */
  public ProduceGrpcService(
      int nodeId,
      int maxBatchBytes,
      int streamWindowBytes,
      TopicCatalog catalog,
      ProduceHandler handler,
      BatchGate gate,
      ProducerIds producerIds) {
    this.nodeId = nodeId;
    this.maxBatchBytes = maxBatchBytes;
    this.streamWindowBytes = streamWindowBytes;
    this.catalog = catalog;
    this.handler = handler;
    this.gate = gate;
    this.producerIds = producerIds;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return RecordStreams.serve(new Unary().bindService(), RecordStreams.PRODUCE, this::openStream);
  }

  private StreamObserver<RecordsFrame<ProduceStreamRequest>> openStream(
      StreamObserver<ProduceStreamResponse> client) {
    ProduceStream stream =
        new ProduceStream(
            catalog,
            new OrderedAppends(handler, gate, ReaderConnections.current().connection()),
            new ProduceWindow(streamWindowBytes),
            (ServerCallStreamObserver<ProduceStreamResponse>) client);
    stream.greet(nodeId, maxBatchBytes);
    return stream;
  }

  /** The calls that protobuf carries whole. */
  private final class Unary extends ProduceServiceGrpc.ProduceServiceImplBase {
    @Override
    public void produce(ProduceRequest request, StreamObserver<ProduceResponse> call) {
      Acks acks;
      try {
        acks = Acks.of(request.getAcksValue());
        Messages.requireAtMost(Messages.MAX_PARTITIONS, request.getBatchesCount(), "batches");
      } catch (HighwaterException e) {
        Replies.fail(e, call);
        return;
      }
      OrderedAppends appends =
          new OrderedAppends(handler, gate, ReaderConnections.current().connection());
      Gathering gathering = new Gathering(request.getBatchesCount(), call);
      for (int i = 0; i < request.getBatchesCount(); i++) {
        int index = i;
        append(
            appends,
            request.getBatches(i),
            acks,
            request.getTimeoutMs(),
            outcome -> gathering.answered(index, outcome));
      }
      gathering.release();
    }

    private void append(
        OrderedAppends appends,
        PartitionBatch batch,
        Acks acks,
        int timeoutMs,
        Consumer<AppendOutcome> answer) {
      TopicIdPartition partition;
      try {
        partition =
            catalog.partition(
                Messages.topicId(batch.getTopicId()), batch.getTopic(), batch.getPartition());
      } catch (HighwaterException e) {
        answer.accept(AppendOutcome.refused(e));
        return;
      }
      // A copy, because the header is stamped in place.
      ByteBuffer records = ByteBuffer.wrap(batch.getRecords().toByteArray());
      appends.append(
          new Append(partition, batch.getLeaderEpoch(), acks, timeoutMs),
          records,
          () -> {},
          answer);
    }

    @Override
    public void initProducerId(
        InitProducerIdRequest request, StreamObserver<InitProducerIdResponse> call) {
      if (request.getProducerId() < -1 || request.getProducerEpoch() > Short.MAX_VALUE) {
        Replies.fail(
            new HighwaterException(ErrorCode.INVALID_REQUEST, "no such producer id or epoch"),
            call);
        return;
      }
      Replies.reply(
          producerIds.init(request.getProducerId(), request.getProducerEpoch()),
          given ->
              InitProducerIdResponse.newBuilder()
                  .setProducerId(given.id())
                  .setProducerEpoch(given.epoch())
                  .build(),
          call);
    }
  }

  /** Answers of one unary call until all are there. */
  private static final class Gathering {
    private final ProduceAck[] acks;
    private final StreamObserver<ProduceResponse> call;
    // One for the caller's loop, so that answers that come at once do not end the call early.
    private int missing;

    Gathering(int batches, StreamObserver<ProduceResponse> call) {
      this.acks = new ProduceAck[batches];
      this.call = call;
      this.missing = batches + 1;
    }

    void answered(int index, AppendOutcome outcome) {
      acks[index] = ProduceMessages.ack(0, outcome);
      release();
    }

    void release() {
      missing--;
      if (missing == 0) {
        Replies.send(ProduceResponse.newBuilder().addAllAcks(Arrays.asList(acks)).build(), call);
      }
    }
  }
}
