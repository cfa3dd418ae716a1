package io.highwater.server.grpc;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.log.EpochEnd;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchRequest;
import io.highwater.proto.v1.FetchResponse;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import io.highwater.proto.v1.ListOffsetsRequest;
import io.highwater.proto.v1.ListOffsetsResponse;
import io.highwater.proto.v1.OffsetAnswer;
import io.highwater.proto.v1.OffsetForLeaderEpochRequest;
import io.highwater.proto.v1.OffsetForLeaderEpochResponse;
import io.highwater.proto.v1.OffsetQuery;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.config.RequestConfig;
import io.highwater.server.fetch.FetchAnswer;
import io.highwater.server.fetch.FetchHandler;
import io.highwater.server.fetch.FetchSession;
import io.highwater.server.fetch.FetchStart;
import io.highwater.server.fetch.OffsetLookup;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.TopicCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Stored batches and offsets for clients. On the owner loop. */
public final class FetchGrpcService implements BindableService {
  /** Where a client sets no limit, an answer stays below gRPC's default of 4 MiB. */
  private static final int DEFAULT_MAX_BYTES = 3 << 20;

  private final LedPartitions partitions;
  private final PartitionReader reader;
  private final OwnerLoop loop;
  private final FetchHandler handler;
  private final OffsetLookup offsets;
  private final RequestConfig limits;

  /** Serves the partitions led here. */
  public FetchGrpcService(
      LedPartitions partitions,
      PartitionReader reader,
      OwnerLoop loop,
      FetchHandler handler,
      OffsetLookup offsets,
      RequestConfig limits) {
    this.partitions = partitions;
    this.reader = reader;
    this.loop = loop;
    this.handler = handler;
    this.offsets = offsets;
    this.limits = limits;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return RecordStreams.serve(new Unary().bindService(), RecordStreams.FETCH, this::openStream);
  }

  private StreamObserver<FetchStreamRequest> openStream(
      StreamObserver<RecordsFrame<FetchStreamResponse>> client) {
    FetchStream stream =
        new FetchStream(
            partitions.catalog(),
            reader,
            ReaderConnections.current(),
            (ServerCallStreamObserver<RecordsFrame<FetchStreamResponse>>) client);
    stream.begin(new FetchSession(partitions, reader, loop, stream));
    return stream;
  }

  /** The calls that protobuf carries whole. */
  private final class Unary extends FetchServiceGrpc.FetchServiceImplBase {
    private final TopicCatalog catalog = partitions.catalog();

    @Override
    public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
      try {
        Messages.requireAtMost(Messages.MAX_PARTITIONS, request.getPositionsCount(), "positions");
      } catch (HighwaterException e) {
        Replies.fail(e, call);
        return;
      }
      List<FetchStart> starts = new ArrayList<>(request.getPositionsCount());
      FetchAnswer[] refusals = new FetchAnswer[request.getPositionsCount()];
      for (int i = 0; i < refusals.length; i++) {
        FetchPosition position = request.getPositions(i);
        try {
          starts.add(
              FetchMessages.start(
                  catalog.partition(
                      Messages.topicId(position.getTopicId()),
                      position.getTopic(),
                      position.getPartition()),
                  position));
        } catch (HighwaterException e) {
          refusals[i] = new FetchAnswer(e.code(), e.getMessage(), null, null, null, null);
        }
      }
      boolean refused = starts.size() < refusals.length;
      Cancellable pending =
          handler.poll(
              poll(request, refused),
              starts,
              ReaderConnections.current(),
              answers -> answer(request, refusals, answers, call));
      ServerCallStreamObserver<FetchResponse> observer =
          (ServerCallStreamObserver<FetchResponse>) call;
      observer.setOnCancelHandler(pending::cancel);
      // Once the answer has been written, its memory is free.
      observer.setOnCloseHandler(pending::cancel);
    }

    private FetchHandler.Poll poll(FetchRequest request, boolean refused) {
      int maxBytes = request.getMaxBytes() > 0 ? request.getMaxBytes() : DEFAULT_MAX_BYTES;
      return new FetchHandler.Poll(
          refused ? 0 : Math.min(Math.max(0, request.getMaxWaitMs()), limits.fetchMaxWaitMs()),
          request.getMinBytes(),
          Math.min(maxBytes, limits.fetchMaxBytes()));
    }

    private void answer(
        FetchRequest request,
        FetchAnswer[] refusals,
        List<FetchAnswer> answers,
        StreamObserver<FetchResponse> call) {
      FetchResponse.Builder response = FetchResponse.newBuilder();
      int next = 0;
      for (int i = 0; i < refusals.length; i++) {
        FetchAnswer answer = refusals[i] != null ? refusals[i] : answers.get(next++);
        response.addPartitions(FetchMessages.records(request.getPositions(i), answer));
      }
      Replies.send(response.build(), call);
    }

    @Override
    public void listOffsets(ListOffsetsRequest request, StreamObserver<ListOffsetsResponse> call) {
      try {
        Messages.requireAtMost(Messages.MAX_PARTITIONS, request.getQueriesCount(), "queries");
      } catch (HighwaterException e) {
        Replies.fail(e, call);
        return;
      }
      List<CompletableFuture<OffsetAnswer>> answers = new ArrayList<>();
      for (OffsetQuery query : request.getQueriesList()) {
        answers.add(
            find(query)
                .handle(
                    (found, failure) ->
                        failure == null
                            ? FetchMessages.offset(found)
                            : FetchMessages.offsetError(Replies.asNamed(failure))));
      }
      Replies.reply(
          CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)),
          all -> {
            ListOffsetsResponse.Builder response = ListOffsetsResponse.newBuilder();
            answers.forEach(answer -> response.addAnswers(answer.join()));
            return response.build();
          },
          call);
    }

    private CompletableFuture<OffsetLookup.Found> find(OffsetQuery query) {
      try {
        return offsets.find(
            catalog.partition(
                Messages.topicId(query.getTopicId()), query.getTopic(), query.getPartition()),
            query.getCurrentLeaderEpoch(),
            FetchMessages.spec(query.getSpec()),
            query.getTimestamp());
      } catch (HighwaterException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public void offsetForLeaderEpoch(
        OffsetForLeaderEpochRequest request, StreamObserver<OffsetForLeaderEpochResponse> call) {
      try {
        EpochEnd end =
            offsets.endOfEpoch(
                catalog.partition(
                    TopicIds.fromBytes(request.getTopicId()), null, request.getPartition()),
                request.getCurrentLeaderEpoch(),
                request.getLeaderEpoch());
        Replies.send(
            OffsetForLeaderEpochResponse.newBuilder()
                .setLeaderEpoch(end.epoch())
                .setEndOffset(end.endOffset())
                .build(),
            call);
      } catch (HighwaterException e) {
        Replies.send(
            OffsetForLeaderEpochResponse.newBuilder()
                .setError(Messages.error(e.code()))
                .setErrorMessage(e.getMessage())
                .setLeaderEpoch(EpochEnd.NONE)
                .setEndOffset(OffsetLookup.NOTHING)
                .build(),
            call);
      }
    }
  }
}
