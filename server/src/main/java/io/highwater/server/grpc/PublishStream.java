package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.v1.PublishResponse;
import io.highwater.proto.v1.PublishStreamRequest;
import io.highwater.proto.v1.PublishStreamResponse;
import io.highwater.server.pubsub.PublishHandler;
import java.util.ArrayDeque;

/**
 * One client's stream of publications: many under way at once, answered in their order. Reads on
 * only while what is under way stays within a window and the client reads its answers, so memory is
 * bounded. On the owner loop.
 */
final class PublishStream implements StreamObserver<PublishStreamRequest> {
  static final int WINDOW_BYTES = 8 << 20;

  /** What a publication takes beside its bytes: its batch's buffer and those who wait for it. */
  private static final int OVERHEAD_BYTES = 8 << 10;

  /** A receipt, about. */
  private static final int RECEIPT_BYTES = 100;

  private final PublishHandler handler;
  private final ServerCallStreamObserver<PublishStreamResponse> client;
  private final UnsentAnswers<PublishStreamResponse> unsent;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private int pendingBytes;
  private boolean reading;
  private boolean halfClosed;
  private boolean failed;

  PublishStream(PublishHandler handler, ServerCallStreamObserver<PublishStreamResponse> client) {
    this.handler = handler;
    this.client = client;
    this.unsent = new UnsentAnswers<>(client);
    client.disableAutoRequest();
    client.setOnCancelHandler(unsent::drop);
    client.setOnReadyHandler(
        () -> {
          unsent.send();
          readOn();
        });
  }

  @Override
  public void onNext(PublishStreamRequest request) {
    reading = false;
    if (unsent.isOver()) {
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
    while (!pending.isEmpty() && pending.peekFirst().isAnswered()) {
      Pending first = pending.pollFirst();
      pendingBytes -= first.bytes;
      if (first.failure == null) {
        unsent.add(PublishStreamResponse.newBuilder().setPublished(first.response).build());
      } else {
        unsent.fail(first.failure);
      }
    }
    completeIfDone();
  }

  private void readOn() {
    boolean may = pendingBytes < WINDOW_BYTES && unsent.isEmpty() && client.isReady();
    if (may && !unsent.isOver() && !failed && !reading && !halfClosed) {
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
    if (halfClosed && pending.isEmpty()) {
      unsent.complete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    unsent.drop();
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
