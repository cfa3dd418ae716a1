package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.v1.ProduceHello;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.server.partition.TopicCatalog;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.produce.OrderedAppends;
import io.highwater.server.produce.ProduceWindow;
import java.util.function.Consumer;

/**
 * One client's produce stream: the broker speaks first, batches are appended as they come, answers
 * leave as they fall due and carry new credit along. While answers wait for a client that does not
 * read, no more batches are read. On the owner loop.
 */
final class ProduceStream implements StreamObserver<RecordsFrame<ProduceStreamRequest>> {
  /** Batches that wait for their answers, which will have to wait for the client. */
  private static final int MAX_UNANSWERED = 8 << 10;

  private final TopicCatalog catalog;
  private final OrderedAppends appends;
  private final ProduceWindow window;
  private final ServerCallStreamObserver<ProduceStreamResponse> client;
  private final AnswerOrder answers = new AnswerOrder(this::answer);
  private final UnsentAnswers<ProduceStreamResponse> unsent;
  private int unanswered;
  private boolean reading;
  private boolean halfClosed;

  ProduceStream(
      TopicCatalog catalog,
      OrderedAppends appends,
      ProduceWindow window,
      ServerCallStreamObserver<ProduceStreamResponse> client) {
    this.catalog = catalog;
    this.appends = appends;
    this.window = window;
    this.client = client;
    this.unsent = new UnsentAnswers<>(client);
    client.disableAutoRequest();
    client.setOnCancelHandler(unsent::drop);
    client.setOnReadyHandler(this::proceed);
  }

  /** The broker's first word. */
  void greet(int nodeId, int maxBatchBytes) {
    client.onNext(
        ProduceStreamResponse.newBuilder()
            .setHello(
                ProduceHello.newBuilder()
                    .setNodeId(nodeId)
                    .setClusterId(catalog.image().clusterId())
                    .setMaxBatchBytes(maxBatchBytes)
                    .setCredit(ProduceMessages.credit(window.grant())))
            .build());
  }

  @Override
  public void onNext(RecordsFrame<ProduceStreamRequest> frame) {
    reading = false;
    // What is shorter is no batch, but its answer takes memory, too.
    int bytes = Math.max(BatchLayout.HEADER_BYTES, frame.records().remaining());
    if (unsent.isOver()) {
      frame.release();
    } else if (!window.receive(bytes)) {
      frame.release();
      unsent.failNow(
          new HighwaterException(
              ErrorCode.INVALID_REQUEST, Outcome.UNKNOWN, "sent more than the credit", null));
    } else {
      unanswered++;
      append(frame, bytes);
      readOn();
    }
  }

  private void append(RecordsFrame<ProduceStreamRequest> frame, int bytes) {
    ProduceStreamRequest request = frame.head();
    TopicIdPartition named;
    try {
      named = named(request);
    } catch (HighwaterException e) {
      frame.release();
      answer(request.getCorrelationId(), bytes, AppendOutcome.refused(e));
      return;
    }
    Consumer<AppendOutcome> answer = answers.next(named, request.getCorrelationId(), bytes);
    Append append;
    try {
      append =
          new Append(
              catalog.partition(named.topicId(), null, named.partition()),
              request.getLeaderEpoch(),
              Acks.of(request.getAcksValue()),
              request.getTimeoutMs());
    } catch (HighwaterException e) {
      frame.release();
      answer.accept(AppendOutcome.refused(e));
      return;
    }
    appends.append(append, frame.records(), frame::release, answer);
  }

  private static TopicIdPartition named(ProduceStreamRequest request) {
    if (request.getPartition() < 0) {
      throw new HighwaterException(
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no partition " + request.getPartition());
    }
    return new TopicIdPartition(TopicIds.fromBytes(request.getTopicId()), request.getPartition());
  }

  private void answer(long correlationId, int bytes, AppendOutcome outcome) {
    unanswered--;
    window.answered(bytes);
    if (!unsent.isOver()) {
      unsent.add(ProduceMessages.frame(ProduceMessages.ack(correlationId, outcome)));
      proceed();
    }
  }

  /** Does what the client's reading lets it do. */
  private void proceed() {
    unsent.send();
    grantIfDue();
    completeIfDone();
    readOn();
  }

  /** A client that does not read its answers gets no new credit. */
  private void grantIfDue() {
    if (!unsent.isOver() && window.isGrantDue() && client.isReady()) {
      client.onNext(
          ProduceStreamResponse.newBuilder()
              .setCredit(ProduceMessages.credit(window.grant()))
              .build());
    }
  }

  private void readOn() {
    boolean may =
        unanswered == 0 || (unanswered < MAX_UNANSWERED && client.isReady() && appends.takesMore());
    if (may && unsent.isEmpty() && !unsent.isOver() && !reading && !halfClosed) {
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
    if (halfClosed && unanswered == 0) {
      unsent.complete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    unsent.drop();
  }
}
