package io.highwater.perf.micro;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.internal.v1.ReplicateFrameKind;
import io.highwater.proto.internal.v1.ReplicateResponse;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ProduceStreamRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Frames with records, and gRPC's part around their marshallers. */
final class SampleFrames {
  private static final ByteString TOPIC_ID = ByteString.copyFrom(new byte[16]);
  private static final OutputStream NOWHERE = OutputStream.nullOutputStream();

  private SampleFrames() {}

  /** What a producer sends. */
  static RecordsFrame<ProduceStreamRequest> produce(ByteBuffer records, long correlationId) {
    return RecordsFrame.of(
        ProduceStreamRequest.newBuilder()
            .setCorrelationId(correlationId)
            .setTopicId(TOPIC_ID)
            .setPartition(3)
            .setLeaderEpoch(ScratchLog.LEADER_EPOCH)
            .setAcks(Acks.ACKS_ALL)
            .setTimeoutMs(30_000)
            .build(),
        records,
        () -> {});
  }

  static Marshaller<RecordsFrame<ProduceStreamRequest>> produceMarshaller() {
    return RecordStreams.PRODUCE.getRequestMarshaller();
  }

  /** What a leader pushes. */
  static RecordsFrame<ReplicateResponse> replicate(ByteBuffer records, long previousEnd) {
    return RecordsFrame.of(
        ReplicateResponse.newBuilder()
            .setKind(ReplicateFrameKind.REPLICATE_FRAME_KIND_PUSH)
            .setTopicId(TOPIC_ID)
            .setPartition(3)
            .setLeaderEpoch(ScratchLog.LEADER_EPOCH)
            .setPreviousEndOffset(previousEnd)
            .setHighWatermark(previousEnd)
            .setLastStableOffset(previousEnd)
            .build(),
        records,
        () -> {});
  }

  static Marshaller<RecordsFrame<ReplicateResponse>> replicateMarshaller() {
    return RecordStreams.REPLICATE.getResponseMarshaller();
  }

  /** Marshals a frame as gRPC does, to a target that takes it for nothing. */
  static <M extends MessageLite> int write(
      Marshaller<RecordsFrame<M>> marshaller, RecordsFrame<M> frame) {
    try (InputStream stream = marshaller.stream(frame)) {
      return ((Drainable) stream).drainTo(NOWHERE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes that a frame has on the wire. */
  static <M extends MessageLite> byte[] encoded(
      Marshaller<RecordsFrame<M>> marshaller, RecordsFrame<M> frame) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream stream = marshaller.stream(frame)) {
      ((Drainable) stream).drainTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Takes a frame in and gives its bytes back; returns how many records' bytes it had. */
  static <M extends MessageLite> int read(Marshaller<RecordsFrame<M>> marshaller, byte[] message) {
    RecordsFrame<M> frame = marshaller.parse(new Message(message));
    int bytes = frame.records().remaining();
    frame.release();
    return bytes;
  }

  /** A message as it comes in: its length is known. */
  private static final class Message extends ByteArrayInputStream implements KnownLength {
    Message(byte[] bytes) {
      super(bytes);
    }
  }
}
