package io.highwater.server.produce;

import io.highwater.log.LogConfig;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.record.BatchLayout;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Cancellable;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import io.highwater.replication.leader.CatchUpRate;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one batch to the replica that leads its partition and answers once it is as safe as asked,
 * or once the client's patience ends. No thread waits: the replica calls back. On the owner loop.
 */
public final class ProduceHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ProduceHandler.class);

  /** The longest that a client may ask for, unless the broker's default is longer. */
  private static final int MAX_PATIENCE_MS = 300_000;

  private final LedPartitions partitions;
  private final OwnerLoop loop;
  private final int requestTimeoutMs;
  private final CatchUpRate catchUp;
  private final NanoClock clock;

  /**
   * @param requestTimeoutMs longest wait for replicas when the client does not say
   * @param catchUp hears how long they take
   */
  public ProduceHandler(
      LedPartitions partitions,
      OwnerLoop loop,
      int requestTimeoutMs,
      CatchUpRate catchUp,
      NanoClock clock) {
    this.partitions = partitions;
    this.loop = loop;
    this.requestTimeoutMs = requestTimeoutMs;
    this.catchUp = catchUp;
    this.clock = clock;
  }

  /**
   * Appends a batch of this broker's own making, or one that is to be validated here and now.
   *
   * @param records one record batch v2 between position and limit; borrowed until this returns, its
   *     header is stamped in place
   * @param answer called exactly once, possibly before this returns; answers of one partition keep
   *     the order of the appends (ACK-3) unless one of them times out
   */
  public void append(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
    append(request, records, false, answer);
  }

  /** As {@link #append}, for a batch that the gate let pass by the {@link #rules} of its log. */
  void appendValidated(Append request, ByteBuffer records, Consumer<AppendOutcome> answer) {
    append(request, records, true, answer);
  }

  /** Answers a batch that is not appended. */
  void refuse(Append request, HighwaterException refusal, Consumer<AppendOutcome> answer) {
    new Waiting(request, BatchLayout.NO_PRODUCER_ID, answer).answer(AppendOutcome.refused(refusal));
  }

  /**
   * The settings of the log that a batch is for.
   *
   * @throws PartitionException when it is not led here
   */
  LogConfig rules(Append request) {
    return partitions.find(request.partition(), request.leaderEpoch()).log().config();
  }

  private void append(
      Append request, ByteBuffer records, boolean validated, Consumer<AppendOutcome> answer) {
    Waiting waiting = new Waiting(request, producerId(records), answer);
    try {
      Cancellable append =
          partitions
              .find(request.partition(), request.leaderEpoch())
              .append(records, validated, request.leaderEpoch(), request.acks(), waiting);
      waiting.await(append);
    } catch (PartitionException e) {
      waiting.answer(AppendOutcome.refused(e));
    }
    if (request.acks() == Acks.NONE) {
      waiting.answer(AppendOutcome.UNACKNOWLEDGED);
    }
  }

  /** How long to wait where a client asks for {@code askedMs}. */
  static int patienceMs(int askedMs, int defaultMs) {
    return askedMs > 0 ? Math.min(askedMs, Math.max(defaultMs, MAX_PATIENCE_MS)) : defaultMs;
  }

  private static long producerId(ByteBuffer records) {
    return records.remaining() < BatchLayout.HEADER_BYTES
        ? BatchLayout.NO_PRODUCER_ID
        : records.getLong(records.position() + BatchLayout.PRODUCER_ID);
  }

  /** One append until it is answered. */
  private final class Waiting implements AppendListener {
    private final Append request;
    private final long producerId;
    private final Consumer<AppendOutcome> answer;
    private final long startNanos = clock.nanoTime();
    private Cancellable append = Cancellable.DONE;
    private Cancellable timeout = Cancellable.DONE;
    private boolean answered;

    Waiting(Append request, long producerId, Consumer<AppendOutcome> answer) {
      this.request = request;
      this.producerId = producerId;
      this.answer = answer;
    }

    void await(Cancellable pending) {
      if (!answered && request.acks() == Acks.ALL) {
        append = pending;
        timeout = loop.schedule(patienceMs(request.timeoutMs(), requestTimeoutMs), this::onTimeout);
      }
    }

    @Override
    public void onAppended(AppendReceipt receipt) {
      answer(AppendOutcome.appended(receipt));
    }

    @Override
    public void onFailed(ErrorCode code, boolean maybeAppended, String text) {
      ErrorCode error = sequenceError(code);
      answer(
          AppendOutcome.failed(
              error,
              maybeAppended ? Outcome.UNKNOWN : Outcome.REFUSED,
              text,
              error.refreshMetadata() ? partitions.catalog().leader(request.partition()) : null));
    }

    /** A gap in the sequence that a loss on record may have torn has a name of its own. */
    private ErrorCode sequenceError(ErrorCode code) {
      boolean gap =
          code == ErrorCode.UNKNOWN_PRODUCER_ID || code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER;
      Replica replica = gap ? partitions.present(request.partition()) : null;
      if (replica == null) {
        return code;
      }
      long known = replica.log().producers().lastOffsetOf(producerId);
      return partitions.losses(request.partition()).stream()
              .anyMatch(loss -> !loss.isNone() && (known < 0 || known < loss.fromOffset()))
          ? ErrorCode.PRODUCER_STATE_LOST
          : code;
    }

    private void onTimeout() {
      append.cancel();
      onFailed(ErrorCode.REQUEST_TIMED_OUT, true, "the replicas did not take the batch in time");
    }

    void answer(AppendOutcome outcome) {
      if (answered) {
        return;
      }
      answered = true;
      timeout.cancel();
      if (request.acks() == Acks.ALL) {
        long now = clock.nanoTime();
        catchUp.acknowledged(now - startNanos, now);
      }
      if (outcome.error() != ErrorCode.NONE && LOG.isDebugEnabled()) {
        LOG.debug("append to {}: {} {}", request.partition(), outcome.error(), outcome.text());
      }
      answer.accept(outcome);
    }
  }
}
