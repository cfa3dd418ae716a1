package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.v1.PublishResponse;
import io.highwater.proto.v1.PublishStreamRequest;
import io.highwater.proto.v1.PublishStreamResponse;
import io.highwater.server.pubsub.PublishHandler;
import java.util.ArrayDeque;

/**
 * One client's stream of publications: many under way at once, answered in their order. Reads on
 * only while what is under way stays within a window, so memory is bounded. On the owner loop.
 */
final class PublishStream implements StreamObserver<PublishStreamRequest> {
  private static final int WINDOW_BYTES = 8 << 20;

  /** What a publication takes beside its bytes: its batch's buffer and those who wait for it. */
  private static final int OVERHEAD_BYTES = 8 << 10;

  /** A receipt, about. */
  private static final int RECEIPT_BYTES = 100;

  private final PublishHandler handler;
  private final ServerCallStreamObserver<PublishStreamResponse> client;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private int pendingBytes;
  private boolean reading;
  private boolean halfClosed;
  private boolean failed;
  private boolean over;

  PublishStream(PublishHandler handler, ServerCallStreamObserver<PublishStreamResponse> client) {
    this.handler = handler;
    this.client = client;
    client.disableAutoRequest();
    client.setOnCancelHandler(() -> over = true);
    client.setOnReadyHandler(
        () -> {
          answerInOrder();
          readOn();
        });
  }

  @Override
  public void onNext(PublishStreamRequest request) {
    reading = false;
    if (over) {
      return;
    }
    Pending publication =
        new Pending(
            request.getSerializedSize()
                + OVERHEAD_BYTES
                + RECEIPT_BYTES * request.getPublish().getRecordsCount());
    pending.add(publication);
    pendingBytes += publication.bytes;
    try {
      handler.publish(
          PubSubGrpcService.publication(request.getPublish()),
          receipts -> answered(publication, RecordMessages.response(receipts)));
    } catch (HighwaterException e) {
      publication.failure = e;
      failed = true;
      answerInOrder();
    }
    readOn();
  }

  private void answered(Pending publication, PublishResponse response) {
    publication.response = response;
    answerInOrder();
    readOn();
  }

  private void answerInOrder() {
    while (!over && !pending.isEmpty() && pending.peekFirst().isAnswered() && client.isReady()) {
      Pending first = pending.pollFirst();
      pendingBytes -= first.bytes;
      if (first.failure == null) {
        client.onNext(PublishStreamResponse.newBuilder().setPublished(first.response).build());
      } else {
        over = true;
        client.onError(StatusMapper.toException(first.failure));
      }
    }
    completeIfDone();
  }

  private void readOn() {
    if (!over
        && !failed
        && !reading
        && !halfClosed
        && pendingBytes < WINDOW_BYTES
        && client.isReady()) {
      reading = true;
      client.request(1);
    }
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    completeIfDone();
  }

  private void completeIfDone() {
    if (halfClosed && pending.isEmpty() && !over) {
      over = true;
      client.onCompleted();
    }
  }

  @Override
  public void onError(Throwable failure) {
    over = true;
  }

  /** One publication until those before it are answered. */
  private static final class Pending {
    private final int bytes;
    private PublishResponse response;
    // Instead of a response: the stream ends with it.
    private HighwaterException failure;

    Pending(int bytes) {
      this.bytes = bytes;
    }

    boolean isAnswered() {
      return response != null || failure != null;
    }
  }
}
