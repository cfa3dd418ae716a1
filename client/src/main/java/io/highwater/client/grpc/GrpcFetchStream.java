package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.highwater.client.FetchStream;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.FetchFrameKind;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Function;

/** {@code FetchService.FetchStream} as the client's seam. */
final class GrpcFetchStream
    extends GrpcStream<FetchStreamRequest, RecordsFrame<FetchStreamResponse>>
    implements FetchStream {
  private final Listener listener;

  private GrpcFetchStream(
      ClientCall<FetchStreamRequest, RecordsFrame<FetchStreamResponse>> call,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    super(call, failures);
    this.listener = listener;
  }

  static GrpcFetchStream open(
      Channel channel,
      CallOptions options,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    // What may come is bounded by the credit.
    GrpcFetchStream stream =
        new GrpcFetchStream(channel.newCall(RecordStreams.FETCH, options), failures, listener);
    stream.start();
    return stream;
  }

  @Override
  public void position(
      UUID topicId, int partition, int leaderEpoch, Position position, boolean fromFollower) {
    send(
        FetchStreamRequest.newBuilder()
            .setPosition(
                FetchPosition.newBuilder()
                    .setTopicId(WireValues.topicId(topicId))
                    .setPartition(partition)
                    .setCurrentLeaderEpoch(leaderEpoch)
                    .setFetchOffset(position.offset())
                    .setLastFetchedEpoch(position.lastEpoch())
                    .setOffsetEpoch(position.offsetEpoch())
                    .setFromFollower(fromFollower))
            .build());
  }

  @Override
  public void credit(long bytes) {
    send(FetchStreamRequest.newBuilder().setCredit(Credit.newBuilder().setBytes(bytes)).build());
  }

  @Override
  void received(RecordsFrame<FetchStreamResponse> message) {
    // Of an array of its own: it outlives the frame.
    ByteBuffer records = message.records();
    message.release();
    if (message.head().getKind() == FetchFrameKind.FETCH_FRAME_KIND_CREDIT_NEEDED) {
      listener.onCreditNeeded(message.head().getCreditNeeded());
      return;
    }
    Frame frame = WireValues.frame(message.head(), records);
    if (frame != null) {
      listener.onFrame(frame);
    }
  }

  @Override
  void dropped(RecordsFrame<FetchStreamResponse> message) {
    message.release();
  }

  @Override
  void ended(HighwaterException cause) {
    listener.onClosed(cause);
  }
}
