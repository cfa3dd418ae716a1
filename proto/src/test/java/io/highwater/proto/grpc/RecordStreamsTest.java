package io.highwater.proto.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets on loopback: ours to ours, and ours to generated code both ways. */
class RecordStreamsTest {
  private static final int MAX_BATCH_BYTES = 1 << 20;

  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private final List<ProduceAck> acks = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger released = new AtomicInteger();
  private EventLoopGroup loops;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void openLoops() {
    loops = NettyTransport.eventLoops(1, "test");
  }

  @AfterEach
  void closeAll() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  @Test
  void batchesArriveWholeThoughTheirBuffersArePoisonedOnRelease() throws Exception {
    serve(frames());
    StreamObserver<RecordsFrame<ProduceStreamRequest>> requests = openFrames();
    int batches = 200;
    List<Long> checksums = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      byte[] records = records(i);
      checksums.add(checksum(ByteBuffer.wrap(records)));
      requests.onNext(
          RecordsFrame.of(
              head(i),
              ByteBuffer.wrap(records),
              () -> {
                Arrays.fill(records, (byte) 0xee);
                released.incrementAndGet();
              }));
    }

    await().until(() -> acks.size() == batches || !failures.isEmpty());
    assertThat(failures).isEmpty();
    assertThat(acks).extracting(ProduceAck::getBaseOffset).containsExactlyElementsOf(checksums);
    assertThat(released).hasValue(batches);
    requests.onCompleted();
  }

  @Test
  void generatedClientTalksToOurServer() throws Exception {
    serve(frames());
    StreamObserver<ProduceStreamRequest> requests =
        ProduceServiceGrpc.newStub(channel).produceStream(ackObserver());
    byte[] records = records(3);

    requests.onNext(head(3).toBuilder().setRecords(ByteString.copyFrom(records)).build());
    requests.onNext(head(4));

    await().until(() -> acks.size() == 2 || !failures.isEmpty());
    assertThat(acks)
        .extracting(ProduceAck::getBaseOffset)
        .containsExactly(checksum(ByteBuffer.wrap(records)), 0L);
    requests.onCompleted();
  }

  @Test
  void ourClientTalksToAGeneratedServer() throws Exception {
    serve(
        new ProduceServiceGrpc.ProduceServiceImplBase() {
          @Override
          public StreamObserver<ProduceStreamRequest> produceStream(
              StreamObserver<ProduceStreamResponse> responses) {
            return new Receiver<>() {
              @Override
              public void onNext(ProduceStreamRequest request) {
                responses.onNext(
                    ack(
                        request.getCorrelationId(),
                        checksum(request.getRecords().asReadOnlyByteBuffer())));
              }
            };
          }
        }.bindService());
    byte[] records = records(9);

    openFrames()
        .onNext(RecordsFrame.of(head(9), ByteBuffer.wrap(records), released::incrementAndGet));

    await().until(() -> acks.size() == 1 || !failures.isEmpty());
    assertThat(acks.get(0).getBaseOffset()).isEqualTo(checksum(ByteBuffer.wrap(records)));
    assertThat(released).hasValue(1);
  }

  @Test
  void frameSentOnACancelledStreamIsReleasedOnce() throws Exception {
    serve(frames());
    StreamObserver<RecordsFrame<ProduceStreamRequest>> requests = openFrames();
    requests.onNext(RecordsFrame.of(head(1)));
    await().until(() -> acks.size() == 1);

    server.shutdownNow();
    await().until(() -> !failures.isEmpty());
    requests.onNext(
        RecordsFrame.of(head(2), ByteBuffer.wrap(records(2)), released::incrementAndGet));

    assertThat(released).hasValue(1);
  }

  @Test
  void malformedMessageEndsItsStreamByNameAndNoOther() throws Exception {
    serve(frames());
    StreamObserver<RecordsFrame<ProduceStreamRequest>> requests = openFrames();
    MethodDescriptor<byte[], ProduceStreamResponse> raw =
        RecordStreams.PRODUCE.toBuilder(
                new RawMarshaller(), RecordStreams.PRODUCE.getResponseMarshaller())
            .build();
    StreamObserver<byte[]> hostile =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(raw, CallOptions.DEFAULT), ackObserver());

    // Records that claim 2 GiB.
    hostile.onNext(new byte[] {0x7a, -1, -1, -1, -1, 7, 1, 2, 3});

    await().until(() -> !failures.isEmpty());
    HighwaterException failure = StatusMapper.fromThrowable(failures.get(0));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(failure.outcome()).as("of what came before it").isEqualTo(Outcome.UNKNOWN);
    requests.onNext(RecordsFrame.of(head(1)));
    await().until(() -> acks.size() == 1);
  }

  @Test
  void unaryRequestThatCannotBeParsedIsNamed() throws Exception {
    serve(frames());
    var method = ProduceServiceGrpc.getProduceMethod();
    var raw = method.toBuilder(new RawMarshaller(), method.getResponseMarshaller()).build();

    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, raw, CallOptions.DEFAULT, new byte[] {1}))
        .satisfies(
            e ->
                assertThat(StatusMapper.fromThrowable(e).code())
                    .isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void messageAboveTheLimitIsNamedAndDisturbsNoOtherStream() throws Exception {
    serve(frames());
    StreamObserver<RecordsFrame<ProduceStreamRequest>> requests = openFrames();
    byte[] large = new byte[NettyTransport.maxMessageBytes(MAX_BATCH_BYTES) + 1];

    openFrames()
        .onNext(RecordsFrame.of(head(1), ByteBuffer.wrap(large), released::incrementAndGet));

    await().until(() -> !failures.isEmpty());
    assertThat(StatusMapper.fromThrowable(failures.get(0)).code())
        .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    assertThat(released).hasValue(1);
    requests.onNext(RecordsFrame.of(head(1)));
    await().until(() -> acks.size() == 1);
  }

  @Test
  void otherMethodsOfTheServiceStay() {
    assertThat(
            frames().getServiceDescriptor().getMethods().stream()
                .map(method -> method.getBareMethodName()))
        .containsExactlyInAnyOrder("Produce", "ProduceStream", "InitProducerId");
    assertThat(frames().getServiceDescriptor().getSchemaDescriptor()).isNotNull();
    server = NettyTransport.server(loopback(), loops, 1).build();
    channel = NettyTransport.channel("localhost", 1, loops, 1).build();
  }

  private ServerServiceDefinition frames() {
    BindableService generated = new ProduceServiceGrpc.ProduceServiceImplBase() {};
    return RecordStreams.serve(
        generated.bindService(),
        RecordStreams.PRODUCE,
        responses ->
            new Receiver<RecordsFrame<ProduceStreamRequest>>() {
              @Override
              public void onNext(RecordsFrame<ProduceStreamRequest> frame) {
                long checksum = checksum(frame.records());
                frame.release();
                responses.onNext(ack(frame.head().getCorrelationId(), checksum));
              }
            });
  }

  private void serve(ServerServiceDefinition service) throws Exception {
    int maxMessageBytes = NettyTransport.maxMessageBytes(MAX_BATCH_BYTES);
    server =
        NettyTransport.server(loopback(), loops, maxMessageBytes)
            .addService(RequestGuard.guard(service))
            .build()
            .start();
    channel = NettyTransport.channel("localhost", server.getPort(), loops, maxMessageBytes).build();
  }

  private StreamObserver<RecordsFrame<ProduceStreamRequest>> openFrames() throws Exception {
    // Connected first: what waits for a connection may be dropped with it.
    channel.getState(true);
    await().until(() -> channel.getState(true) == ConnectivityState.READY);
    return ClientCalls.asyncBidiStreamingCall(
        channel.newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT), ackObserver());
  }

  private StreamObserver<ProduceStreamResponse> ackObserver() {
    return new StreamObserver<>() {
      @Override
      public void onNext(ProduceStreamResponse response) {
        acks.add(response.getAck());
      }

      @Override
      public void onError(Throwable t) {
        failures.add(t);
      }

      @Override
      public void onCompleted() {}
    };
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static ProduceStreamRequest head(long correlationId) {
    return ProduceStreamRequest.newBuilder()
        .setCorrelationId(correlationId)
        .setPartition(1)
        .build();
  }

  private static ProduceStreamResponse ack(long correlationId, long checksum) {
    return ProduceStreamResponse.newBuilder()
        .setAck(ProduceAck.newBuilder().setCorrelationId(correlationId).setBaseOffset(checksum))
        .build();
  }

  private static byte[] records(int seed) {
    byte[] records = new byte[seed * 5000 % MAX_BATCH_BYTES];
    for (int i = 0; i < records.length; i++) {
      records[i] = (byte) (i * 31 + seed);
    }
    return records;
  }

  private static long checksum(ByteBuffer records) {
    CRC32C crc = new CRC32C();
    crc.update(records.duplicate());
    return crc.getValue();
  }

  /** Sends bytes as they are. */
  private static final class RawMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }

  /** A request observer whose stream's end is no matter. */
  private abstract static class Receiver<T> implements StreamObserver<T> {
    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}
  }
}
