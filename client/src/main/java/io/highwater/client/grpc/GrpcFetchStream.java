package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.highwater.client.FetchStream;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchStreamRequest;
import io.highwater.proto.v1.FetchStreamResponse;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Function;

/** {@code FetchService.FetchStream} as the client's seam. */
final class GrpcFetchStream extends ClientCall.Listener<RecordsFrame<FetchStreamResponse>>
    implements FetchStream {
  private final ClientCall<FetchStreamRequest, RecordsFrame<FetchStreamResponse>> call;
  private final Function<Throwable, HighwaterException> failures;
  private final Listener listener;
  private boolean closed;

  private GrpcFetchStream(
      ClientCall<FetchStreamRequest, RecordsFrame<FetchStreamResponse>> call,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    this.call = call;
    this.failures = failures;
    this.listener = listener;
  }

  static GrpcFetchStream open(
      Channel channel,
      CallOptions options,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    ClientCall<FetchStreamRequest, RecordsFrame<FetchStreamResponse>> call =
        channel.newCall(RecordStreams.FETCH, options);
    GrpcFetchStream stream = new GrpcFetchStream(call, failures, listener);
    call.start(stream, new Metadata());
    // What may come is bounded by the credit.
    call.request(Integer.MAX_VALUE);
    return stream;
  }

  @Override
  public void position(
      UUID topicId, int partition, int leaderEpoch, long fetchOffset, int lastFetchedEpoch) {
    call.sendMessage(
        FetchStreamRequest.newBuilder()
            .setPosition(
                FetchPosition.newBuilder()
                    .setTopicId(WireValues.topicId(topicId))
                    .setPartition(partition)
                    .setCurrentLeaderEpoch(leaderEpoch)
                    .setFetchOffset(fetchOffset)
                    .setLastFetchedEpoch(lastFetchedEpoch))
            .build());
  }

  @Override
  public void credit(long bytes) {
    call.sendMessage(
        FetchStreamRequest.newBuilder().setCredit(Credit.newBuilder().setBytes(bytes)).build());
  }

  @Override
  public void close() {
    closed = true;
    call.cancel("closed by the client", null);
  }

  @Override
  public void onMessage(RecordsFrame<FetchStreamResponse> message) {
    ByteBuffer records;
    try {
      // Pooled memory must not wait for the application to poll.
      byte[] copy = new byte[message.records().remaining()];
      message.records().duplicate().get(copy);
      records = ByteBuffer.wrap(copy);
    } finally {
      message.release();
    }
    if (!closed) {
      Frame frame = WireValues.frame(message.head(), records);
      if (frame != null) {
        listener.onFrame(frame);
      }
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      Status ended =
          status.isOk()
              ? Status.UNAVAILABLE.withDescription("the broker ended the stream")
              : status;
      listener.onClosed(failures.apply(ended.asRuntimeException(trailers)));
    }
  }
}
