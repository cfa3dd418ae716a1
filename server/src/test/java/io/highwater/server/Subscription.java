package io.highwater.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.Credit;
import io.highwater.proto.v1.OffsetSpecOrOffset;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.SubscribeRequest;
import io.highwater.proto.v1.SubscribeResponse;
import io.highwater.proto.v1.SubscribeStart;
import io.highwater.proto.v1.SubscribedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A subscriber as a foreign client would be: what it sends and what comes, frame by frame. */
final class Subscription
    implements ClientResponseObserver<SubscribeRequest, SubscribeResponse>, AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();
  private final boolean reads;
  private ClientCallStreamObserver<SubscribeRequest> call;

  private Subscription(boolean reads) {
    this.reads = reads;
  }

  /** Opens a stream and reads what comes. */
  static Subscription open(Channel channel) {
    return open(channel, true);
  }

  /** Opens a stream that takes nothing of what comes. */
  static Subscription deaf(Channel channel) {
    return open(channel, false);
  }

  private static Subscription open(Channel channel, boolean reads) {
    Subscription subscription = new Subscription(reads);
    PubSubServiceGrpc.newStub(channel).subscribe(subscription);
    return subscription;
  }

  /** A start from the log's beginning without limits. */
  static SubscribeStart.Builder fromStart(String topic) {
    return SubscribeStart.newBuilder()
        .setTopic(topic)
        .setFrom(OffsetSpecOrOffset.newBuilder().setEarliest(true));
  }

  Subscription start(SubscribeStart.Builder start) {
    return send(SubscribeRequest.newBuilder().setStart(start));
  }

  Subscription grant(Credit.Builder credit) {
    return send(SubscribeRequest.newBuilder().setCredit(credit));
  }

  Subscription send(SubscribeRequest.Builder request) {
    call.onNext(request.build());
    return this;
  }

  /** The next frame. */
  SubscribeResponse next() throws InterruptedException {
    Object next = came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).as("the next frame").isInstanceOf(SubscribeResponse.class);
    return (SubscribeResponse) next;
  }

  /** Records until there are so many. */
  List<SubscribedRecord> records(int count) throws InterruptedException {
    List<SubscribedRecord> records = new ArrayList<>();
    while (records.size() < count) {
      SubscribeResponse frame = next();
      if (frame.hasRecords()) {
        records.addAll(frame.getRecords().getRecordsList());
      }
    }
    return records;
  }

  /** The next frame that is not a record. */
  SubscribeResponse nextSignal() throws InterruptedException {
    SubscribeResponse frame = next();
    while (frame.hasRecords()) {
      frame = next();
    }
    return frame;
  }

  /** The error that ends the stream, after whatever comes before it. */
  Throwable failure() throws InterruptedException {
    Object next = came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    while (next instanceof SubscribeResponse) {
      next = came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    assertThat(next).as("the end of the stream").isInstanceOf(Throwable.class);
    return (Throwable) next;
  }

  /** Asserts that the stream ends with an error of this name, which stands in the trailers. */
  String failsWith(ErrorCode error) throws InterruptedException {
    Throwable failure = failure();
    Metadata trailers = Status.trailersFromThrowable(failure);
    assertThat(trailers).isNotNull();
    assertThat(trailers.get(StatusMapper.ERROR)).isEqualTo(error.name());
    return failure.getMessage();
  }

  /** Whether something came that nobody took yet. */
  boolean hasMore() {
    return !came.isEmpty();
  }

  @Override
  public void close() {
    call.cancel("enough", null);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SubscribeRequest> stream) {
    call = stream;
    if (!reads) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(SubscribeResponse frame) {
    came.add(frame);
  }

  @Override
  public void onError(Throwable failure) {
    came.add(failure);
  }

  @Override
  public void onCompleted() {
    came.add("completed");
  }
}
