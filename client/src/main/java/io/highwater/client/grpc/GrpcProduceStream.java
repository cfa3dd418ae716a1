package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
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
final class GrpcProduceStream
    extends GrpcStream<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse>
    implements ProduceStream {
  private final Listener listener;

  private GrpcProduceStream(
      ClientCall<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse> call,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    super(call, failures);
    this.listener = listener;
  }

  static GrpcProduceStream open(
      Channel channel,
      CallOptions options,
      Function<Throwable, HighwaterException> failures,
      Listener listener) {
    // Acks cost nothing: they are bounded by the batches that were sent.
    GrpcProduceStream stream =
        new GrpcProduceStream(channel.newCall(RecordStreams.PRODUCE, options), failures, listener);
    stream.start();
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
    send(RecordsFrame.of(head, records, () -> {}));
  }

  @Override
  void received(ProduceStreamResponse response) {
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
  void dropped(ProduceStreamResponse response) {
    // It holds nothing that would have to be given back.
  }

  @Override
  void ended(HighwaterException cause) {
    listener.onClosed(cause);
  }
}
