package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.highwater.client.ProduceStream;
import io.highwater.proto.Acks;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Function;

/** {@code ProduceService.ProduceStream} as the client's seam. */
final class GrpcProduceStream extends ClientCall.Listener<ProduceStreamResponse>
    implements ProduceStream {
  private final ClientCall<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse> call;
  private final Function<Throwable, HighwaterException> failures;
  private final Listener listener;
  private boolean closed;

  private GrpcProduceStream(
      ClientCall<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse> call,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    this.call = call;
    this.failures = failures;
    this.listener = listener;
  }

  static GrpcProduceStream open(
      Channel channel,
      CallOptions options,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    ClientCall<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse> call =
        channel.newCall(RecordStreams.PRODUCE, options);
    GrpcProduceStream stream = new GrpcProduceStream(call, failures, listener);
    call.start(stream, new Metadata());
    // Acks cost nothing: they are bounded by the batches that were sent.
    call.request(Integer.MAX_VALUE);
    return stream;
  }

  @Override
  public void send(
      long correlationId,
      UUID topicId,
      int partition,
      int leaderEpoch,
      Acks acks,
      int timeoutMs,
      ByteBuffer records) {
    ProduceStreamRequest head =
        ProduceStreamRequest.newBuilder()
            .setCorrelationId(correlationId)
            .setTopicId(WireValues.topicId(topicId))
            .setPartition(partition)
            .setLeaderEpoch(leaderEpoch)
            .setAcksValue(acks.wire())
            .setTimeoutMs(timeoutMs)
            .build();
    // After the hello the transport takes the bytes at once: nobody needs to hear of the release.
    call.sendMessage(RecordsFrame.of(head, records, () -> {}));
  }

  @Override
  public void close() {
    closed = true;
    call.cancel("closed by the client", null);
  }

  @Override
  public void onMessage(ProduceStreamResponse response) {
    if (closed) {
      return;
    }
    switch (response.getFrameCase()) {
      case HELLO -> listener.onHello(WireValues.hello(response.getHello()));
      case ACK -> listener.onAck(WireValues.ack(response.getAck()));
      case CREDIT -> listener.onCredit(WireValues.credit(response.getCredit()));
      case FRAME_NOT_SET -> {
        // A frame of a newer broker that this client need not understand.
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
