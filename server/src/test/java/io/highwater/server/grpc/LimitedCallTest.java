package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.DescribeClusterResponse;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.replication.ManualLoop;
import io.highwater.server.fetch.ReaderMemory;
import org.junit.jupiter.api.Test;

/** INP-1: answers count until they are written. */
class LimitedCallTest {
  private static final int MAX = 16 << 20;

  private final ManualLoop loop = new ManualLoop();
  private final ReaderMemory memory = new ReaderMemory(MAX, loop);
  private final ReaderMemory.Connection connection = memory.connect("a", () -> {});
  private final UnfinishedMessages unfinished = new UnfinishedMessages(MAX, 1_000, loop);

  @Test
  void anAnswerCountsUntilItIsWritten() {
    Call<?> call = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
    call.send(100_000);
    assertThat(memory.heldBytes()).isGreaterThanOrEqualTo(100_000);
    call.listener.onComplete();
    assertThat(memory.heldBytes()).isZero();

    Call<?> cancelled = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
    cancelled.send(100_000);
    cancelled.listener.onCancel();
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void theNewestThatFindsNoRoomIsRefused() {
    int answers = 0;
    Call<?> call = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
    call.send(100_000);
    while (call.ended == null) {
      answers++;
      call = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
      call.send(100_000);
    }

    assertThat(answers).isBetween(5, 12);
    assertThat(call.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");
    assertThat(call.isCancelled).isTrue();
    assertThat(connection.leavesAnswers()).isTrue();
    // What its service still says is dropped.
    call.limited.close(Status.OK, new Metadata());
    // Another connection has its own.
    assertThat(memory.connect("a", () -> {}).call().take(100_000)).isTrue();
  }

  @Test
  void aStreamIsReadyWhileLittleIsUnwritten() {
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    int sent = 0;
    while (call.limited.isReady()) {
      call.send(10);
      sent++;
    }
    assertThat(sent).isEqualTo(64);

    call.listener.onReady();
    assertThat(call.limited.isReady()).isTrue();
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void aStreamGoesOnMessageByMessageWhereThereIsNoRoom() {
    memory.connect("a", () -> {}).call().hold(MAX);
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    call.send(10);
    assertThat(call.limited.isReady()).isFalse();

    call.listener.onReady();
    assertThat(call.limited.isReady()).isTrue();
    call.send(10);
    assertThat(call.ended).isNull();
  }

  /** A call on the connection as the transport has it. */
  private final class Call<Q> extends ServerCall<Q, DescribeClusterResponse> {
    private final MethodDescriptor<Q, DescribeClusterResponse> method;
    private final LimitedCall<Q, DescribeClusterResponse> limited;
    private final ServerCall.Listener<Q> listener;
    private String ended;
    private boolean isCancelled;

    @SuppressWarnings("unchecked") // What is answered matters by its size only.
    Call(MethodDescriptor<Q, ?> method) {
      this.method = (MethodDescriptor<Q, DescribeClusterResponse>) method;
      limited = new LimitedCall<>(this, connection.call(), unfinished.newIncoming());
      listener =
          limited.listener(
              new ServerCall.Listener<>() {
                @Override
                public void onCancel() {
                  isCancelled = true;
                }
              });
    }

    void send(int bytes) {
      limited.sendMessage(
          DescribeClusterResponse.newBuilder().setClusterId("x".repeat(bytes)).build());
    }

    @Override
    public void close(Status status, Metadata trailers) {
      assertThat(ended).isNull();
      ended = trailers.get(StatusMapper.ERROR);
    }

    @Override
    public MethodDescriptor<Q, DescribeClusterResponse> getMethodDescriptor() {
      return method;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.newBuilder()
          .set(UnfinishedMessages.CONNECTION, new UnfinishedMessages.Connection(() -> 0, () -> {}))
          .build();
    }

    @Override
    public void setOnReadyThreshold(int bytes) {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void request(int count) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(DescribeClusterResponse message) {}
  }
}
