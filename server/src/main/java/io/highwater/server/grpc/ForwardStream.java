package io.highwater.server.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.grpc.RecordStreams;
import io.highwater.proto.grpc.RecordsFrame;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceStreamRequest;
import io.highwater.proto.v1.ProduceStreamResponse;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.LogStatus;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import io.highwater.server.pubsub.BatchRoute;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A produce stream to another broker, for batches that record-level clients published here but that
 * broker leads. Sends after its hello and within its credit, in order; batches wait here meanwhile,
 * up to a bound. Does not wait for a leader that was replaced: it may hang, and its connection with
 * it. On the owner loop.
 */
final class ForwardStream
    implements ClientResponseObserver<RecordsFrame<ProduceStreamRequest>, ProduceStreamResponse> {
  private static final long MAX_WAITING_BYTES = 16 << 20;

  /** In which a leader that lives says itself what became of what it was sent. */
  static final long LAST_ANSWERS_MS = 500;

  private final ManagedChannel channel;
  private final ArrayDeque<Forwarded> waiting = new ArrayDeque<>();
  private final Map<Long, Forwarded> sent = new LinkedHashMap<>();
  private final OwnerLoop loop;
  private ClientCallStreamObserver<RecordsFrame<ProduceStreamRequest>> leader;
  private long nextCorrelationId;
  private long waitingBytes;
  private long creditBytes;
  private long sentBytes;
  private boolean ending;
  private boolean over;

  /**
   * @param channel to the other broker, on the owner loop; closed with the stream
   */
  ForwardStream(ManagedChannel channel, OwnerLoop loop) {
    this.channel = channel;
    this.loop = loop;
    // Not in the context of the call that happens to be first: the stream outlives it.
    Context.ROOT.run(
        () ->
            ClientCalls.asyncBidiStreamingCall(
                channel.newCall(RecordStreams.PRODUCE, CallOptions.DEFAULT), this));
  }

  /** Whether it broke or was closed. */
  boolean isOver() {
    return over;
  }

  /**
   * Forwards a copy of a batch; see {@link BatchRoute}.
   *
   * @param request in the epoch in which the broker leads, so that it does not take the batch in a
   *     later one, after others that went elsewhere meanwhile
   */
  void append(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
    if (waitingBytes > MAX_WAITING_BYTES) {
      answer.accept(
          AppendOutcome.refused(
              new HighwaterException(
                  ErrorCode.THROTTLING_QUOTA_EXCEEDED, "too much waits for the leader's broker")));
      return;
    }
    ByteBuffer copy = ByteBuffer.allocate(records.remaining()).put(records.duplicate()).flip();
    waiting.add(new Forwarded(request, copy, answer));
    waitingBytes += copy.remaining();
    sendOn();
  }

  /**
   * Lets go of the batches of leaders that were replaced. Those that were sent are answered within
   * {@link #LAST_ANSWERS_MS}, if only with an outcome of unknown.
   *
   * @return those that were not sent, in their order
   */
  List<Forwarded> leave(Predicate<Append> replaced) {
    List<Forwarded> unsent = new ArrayList<>();
    Iterator<Forwarded> all = waiting.iterator();
    while (all.hasNext()) {
      Forwarded next = all.next();
      if (replaced.test(next.request)) {
        all.remove();
        waitingBytes -= next.records.remaining();
        unsent.add(next);
      }
    }
    List<Long> last = new ArrayList<>();
    sent.forEach(
        (correlationId, forwarded) -> {
          if (!forwarded.left && replaced.test(forwarded.request)) {
            forwarded.left = true;
            last.add(correlationId);
          }
        });
    if (!last.isEmpty()) {
      loop.schedule(LAST_ANSWERS_MS, () -> last.forEach(this::giveUp));
    }
    return unsent;
  }

  private void giveUp(long correlationId) {
    Forwarded forwarded = sent.remove(correlationId);
    if (forwarded != null) {
      HighwaterException failure = replaced();
      forwarded.answer.accept(
          AppendOutcome.failed(failure.code(), Outcome.UNKNOWN, failure.getMessage(), null));
    }
  }

  private static HighwaterException replaced() {
    return new HighwaterException(
        ErrorCode.NOT_LEADER_OR_FOLLOWER, "the leader did not answer and was replaced");
  }

  /** Ends soon: the broker has left the cluster, or has restarted. What is under way fails. */
  void endSoon() {
    if (!ending) {
      ending = true;
      loop.schedule(LAST_ANSWERS_MS, () -> end(replaced()));
    }
  }

  private void sendOn() {
    while (!over && leader != null && leader.isReady() && sentBytes < creditBytes) {
      Forwarded next = waiting.pollFirst();
      if (next == null) {
        return;
      }
      long correlationId = nextCorrelationId++;
      int bytes = next.records.remaining();
      waitingBytes -= bytes;
      sentBytes += bytes;
      sent.put(correlationId, next);
      leader.onNext(RecordsFrame.of(head(correlationId, next.request), next.records, () -> {}));
    }
  }

  private static ProduceStreamRequest head(long correlationId, Append request) {
    return ProduceStreamRequest.newBuilder()
        .setCorrelationId(correlationId)
        .setTopicId(TopicIds.toBytes(request.partition().topicId()))
        .setPartition(request.partition().partition())
        .setLeaderEpoch(request.leaderEpoch())
        .setAcks(Acks.forNumber(request.acks().wire()))
        .setTimeoutMs(request.timeoutMs())
        .build();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<RecordsFrame<ProduceStreamRequest>> call) {
    leader = call;
    call.setOnReadyHandler(this::sendOn);
  }

  @Override
  public void onNext(ProduceStreamResponse frame) {
    switch (frame.getFrameCase()) {
      case HELLO -> creditBytes = frame.getHello().getCredit().getBytes();
      case CREDIT -> creditBytes = Math.max(creditBytes, frame.getCredit().getBytes());
      case ACK -> answered(frame.getAck());
      case FRAME_NOT_SET -> {
        // A frame of a newer broker: what is not understood is passed over.
      }
    }
    sendOn();
  }

  private void answered(ProduceAck ack) {
    Forwarded forwarded = sent.remove(ack.getCorrelationId());
    if (forwarded != null) {
      forwarded.answer.accept(outcome(ack, forwarded.records));
    }
  }

  private static AppendOutcome outcome(ProduceAck ack, ByteBuffer records) {
    ErrorCode error = ErrorCode.of(ack.getErrorValue());
    if (error == ErrorCode.FENCED_LEADER_EPOCH || error == ErrorCode.UNKNOWN_LEADER_EPOCH) {
      // The epoch was put in here, and says nothing to the client.
      error = ErrorCode.NOT_LEADER_OR_FOLLOWER;
    }
    if (error != ErrorCode.NONE) {
      return AppendOutcome.failed(
          error, Outcome.of(ack.getOutcomeValue(), error), ack.getErrorMessage(), null);
    }
    LogStatus status =
        new LogStatus(
            ack.getStatus().getLeaderEpoch(),
            ack.getStatus().getLogStartOffset(),
            ack.getStatus().getHighWatermark(),
            ack.getStatus().getLastStableOffset());
    return AppendOutcome.appended(
        new AppendReceipt(
            ack.getBaseOffset(),
            ack.getBaseOffset() + records.getInt(BatchLayout.LAST_OFFSET_DELTA),
            ack.getReplicas(),
            ack.getFsynced(),
            ack.getDuplicate(),
            status));
  }

  @Override
  public void onError(Throwable failure) {
    end(StatusMapper.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end(
        new HighwaterException(
            ErrorCode.NETWORK_EXCEPTION, "the leader's broker ended the stream"));
  }

  /** Closes the connection; what is under way fails. */
  void close() {
    if (!over) {
      leader.cancel("closing", null);
      end(new HighwaterException(ErrorCode.BROKER_NOT_AVAILABLE, "the broker stops"));
    }
  }

  private void end(HighwaterException failure) {
    if (over) {
      return;
    }
    over = true;
    channel.shutdownNow();
    for (Forwarded unsent : waiting) {
      unsent.answer.accept(AppendOutcome.refused(failure));
    }
    waiting.clear();
    for (Forwarded unanswered : sent.values()) {
      unanswered.answer.accept(
          AppendOutcome.failed(failure.code(), Outcome.UNKNOWN, failure.getMessage(), null));
    }
    sent.clear();
  }

  /** One batch on its way. */
  static final class Forwarded {
    private final Append request;
    private final ByteBuffer records;
    private final Consumer<AppendOutcome> answer;
    private boolean left;

    private Forwarded(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
      this.request = request;
      this.records = records;
      this.answer = answer;
    }

    /** Goes another way, to whoever leads in whatever epoch. */
    void go(BatchRoute route) {
      route.append(request.in(Append.ANY_EPOCH), records, answer);
    }
  }
}
