package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
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
  private long looked;
  private final UnreadStreams.Connection streams =
      new UnreadStreams(MAX, () -> 0, loop).connect(() -> looked++, () -> {});

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
    while (call.ended == null && answers < 100) {
      answers++;
      call = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
      call.send(100_000);
    }

    assertThat(answers).isBetween(5, 12);
    assertThat(call.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");
    assertThat(call.cancellations).isOne();
    assertThat(connection.leavesAnswers()).isTrue();
    // Another connection has its own.
    assertThat(memory.connect("a", () -> {}).answers().take(100_000)).isTrue();
  }

  @Test
  void aStreamIsReadyWhileLittleIsUnwritten() {
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    int sent = 0;
    while (call.limited.isReady() && sent < 100) {
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
    memory.connect("a", () -> {}).answers().hold(MAX);
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    call.send(10);
    assertThat(call.limited.isReady()).isFalse();

    call.listener.onReady();
    assertThat(call.limited.isReady()).isTrue();
    call.send(10);
    assertThat(call.ended).isNull();
  }

  @Test
  void onlyASmallMessageOfAStreamOfWhichAllIsReadNeedsNoRoom() {
    memory.connect("a", () -> {}).answers().hold(MAX);
    Call<?> unary = new Call<>(MetadataServiceGrpc.getDescribeTopicsMethod());
    unary.send(10);
    assertThat(unary.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");

    Call<?> large = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    large.send(100_000);
    assertThat(large.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");

    Call<?> unread = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    unread.send(10);
    assertThat(unread.ended).isNull();
    unread.send(10);
    assertThat(unread.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");
  }

  @Test
  void whatIsSaidOfACallThatWasEndedIsDropped() {
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    HighwaterException failure =
        new HighwaterException(ErrorCode.THROTTLING_QUOTA_EXCEEDED, "no memory");
    call.limited.end(failure);
    assertThat(call.ended).isEqualTo("THROTTLING_QUOTA_EXCEEDED");

    assertThat(call.limited.isReady()).isFalse();
    call.limited.sendHeaders(new Metadata());
    call.send(10);
    call.limited.close(Status.OK, new Metadata());
    call.limited.end(failure);
    assertThat(call.passedOn).isZero();
    assertThat(call.cancellations).isOne();
  }

  @Test
  void aStreamIsWatchedWhileItsServiceAsksForNoMessage() {
    Call<?> call = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    call.limited.request(2);
    call.listener.onMessage(null);
    assertThat(isWatched()).isFalse();
    call.listener.onMessage(null);
    assertThat(isWatched()).isTrue();
    call.limited.request(1);
    assertThat(isWatched()).isFalse();

    call.listener.onMessage(null);
    assertThat(isWatched()).isTrue();
    call.listener.onCancel();
    assertThat(isWatched()).isFalse();

    Call<?> completed = new Call<>(PubSubServiceGrpc.getPublishStreamMethod());
    completed.limited.request(1);
    completed.listener.onMessage(null);
    completed.listener.onComplete();
    assertThat(isWatched()).isFalse();
  }

  private boolean isWatched() {
    looked = 0;
    loop.pass(UnreadStreams.SWEEP_MS);
    return looked > 0;
  }

  /** A call on the connection as the transport has it. */
  private final class Call<Q> extends ServerCall<Q, DescribeClusterResponse> {
    private final MethodDescriptor<Q, DescribeClusterResponse> method;
    private final LimitedCall<Q, DescribeClusterResponse> limited;
    private final ServerCall.Listener<Q> listener;
    private String ended;
    private int cancellations;
    private int passedOn;

    @SuppressWarnings("unchecked") // What is answered matters by its size only.
    Call(MethodDescriptor<Q, ?> method) {
      this.method = (MethodDescriptor<Q, DescribeClusterResponse>) method;
      limited = new LimitedCall<>(this, connection.answers(), unfinished.newIncoming());
      listener =
          limited.listener(
              new ServerCall.Listener<>() {
                @Override
                public void onCancel() {
                  cancellations++;
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
          .set(UnfinishedMessages.CONNECTION, new UnfinishedMessages.Connection())
          .set(UnreadStreams.CONNECTION, streams)
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
    public void sendHeaders(Metadata headers) {
      passedOn++;
    }

    @Override
    public void sendMessage(DescribeClusterResponse message) {
      passedOn++;
    }
  }
}
