package io.highwater.log.producer;

import io.highwater.log.AppendResult;
import io.highwater.log.LogOffsets;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * The producers of one log. A leader {@link #check checks} a batch before it appends; every replica
 * {@link #update updates} with what was appended, so that the next leader gives the same verdict
 * (IDM-3). Transactions are followed through the log as well, so that it knows its last stable
 * offset, although no client can write them yet. Owner thread only.
 */
public final class ProducerStates {
  private static final int HALF_OF_SEQUENCES = 1 << 30;

  private final long expirationMs;
  private final Long2ObjectHashMap<ProducerState> states = new Long2ObjectHashMap<>();
  private final UndecidedTransactions undecided = new UndecidedTransactions();
  private long openedAtMs = Long.MIN_VALUE;

  /** No producers yet; one silent for longer than {@code expirationMs} is forgotten. */
  public ProducerStates(long expirationMs) {
    this.expirationMs = expirationMs;
  }

  /**
   * The log was opened. Nobody has been silent for longer than since then: a wall clock that was
   * set while the log was closed forgets no producer (FEN-4).
   */
  public void openedAt(long nowMs) {
    openedAtMs = nowMs;
  }

  /** Last offset of what is known of a producer, or -1 when nothing is. */
  public long lastOffsetOf(long producerId) {
    ProducerState state = states.get(producerId);
    return state == null || state.isEmpty() ? -1 : state.last().lastOffset();
  }

  private boolean isExpired(ProducerState state, long nowMs) {
    return nowMs - Math.max(state.lastAppendMs(), openedAtMs) > expirationMs;
  }

  /**
   * Decides about a batch that a client wants appended; nothing changes.
   *
   * @return where the batch is already, when it is a retry of one of the last five; else null
   * @throws HighwaterException OUT_OF_ORDER_SEQUENCE_NUMBER for a gap (IDM-1),
   *     DUPLICATE_SEQUENCE_NUMBER for a repeat of what is no longer remembered (IDM-2),
   *     INVALID_PRODUCER_EPOCH for an older epoch, UNKNOWN_PRODUCER_ID for a producer that is not
   *     known and does not begin at 0 (IDM-4)
   */
  public AppendResult check(BatchView batch, long nowMs) {
    if (!batch.hasProducerId()) {
      return null;
    }
    ProducerState state = states.get(batch.producerId());
    if (state == null || isExpired(state, nowMs)) {
      requireFromZero(batch, ErrorCode.UNKNOWN_PRODUCER_ID);
      return null;
    }
    if (batch.producerEpoch() < state.epoch()) {
      throw refused(ErrorCode.INVALID_PRODUCER_EPOCH, batch, "the epoch is " + state.epoch());
    }
    if (batch.producerEpoch() > state.epoch()) {
      requireFromZero(batch, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
      return null;
    }
    return checkSequence(state, batch);
  }

  private static AppendResult checkSequence(ProducerState state, BatchView batch) {
    int baseSequence = batch.baseSequence();
    int expected = state.nextSequence();
    if (baseSequence == expected) {
      return null;
    }
    ProducedBatch known = state.find(baseSequence, batch.lastSequence());
    if (known != null) {
      return new AppendResult(known.baseOffset(), known.lastOffset(), true);
    }
    boolean behind = ((baseSequence - expected) & Integer.MAX_VALUE) >= HALF_OF_SEQUENCES;
    throw refused(
        behind ? ErrorCode.DUPLICATE_SEQUENCE_NUMBER : ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        batch,
        "expected " + expected);
  }

  private static void requireFromZero(BatchView batch, ErrorCode otherwise) {
    if (batch.baseSequence() != 0) {
      throw refused(otherwise, batch, "expected 0");
    }
  }

  private static HighwaterException refused(ErrorCode code, BatchView batch, String why) {
    return new HighwaterException(
        code,
        "producer "
            + batch.producerId()
            + " epoch "
            + batch.producerEpoch()
            + " sequence "
            + batch.baseSequence()
            + ": "
            + why);
  }

  /**
   * Takes in a batch that was appended: what is in the log counts, whoever let it in.
   *
   * @param batch a control batch lies whole in its buffer, of others the header is enough
   * @return the transaction that the batch aborted, else null
   */
  public AbortedTransaction update(BatchView batch, long nowMs) {
    if (!batch.hasProducerId()) {
      return null;
    }
    if (batch.isControl()) {
      EndMarker marker = EndMarker.of(batch);
      return marker == null ? null : endTransaction(batch, marker, nowMs);
    }
    ProducedBatch produced =
        new ProducedBatch(
            batch.baseSequence(),
            batch.lastSequence(),
            batch.baseOffset(),
            batch.lastOffset(),
            batch.maxTimestamp());
    ProducerState state = stateOf(batch.producerId(), batch.producerEpoch());
    state.append(batch.producerEpoch(), produced, nowMs);
    if (batch.isTransactional() && state.transactionStart() == ProducerState.NO_TRANSACTION) {
      state.transaction(state.coordinatorEpoch(), batch.baseOffset());
      undecided.begin(batch.baseOffset());
    }
    return null;
  }

  private AbortedTransaction endTransaction(BatchView batch, EndMarker marker, long nowMs) {
    ProducerState state = stateOf(batch.producerId(), batch.producerEpoch());
    state.touch(batch.producerEpoch(), batch.maxTimestamp(), nowMs);
    long first = state.transactionStart();
    state.transaction(marker.coordinatorEpoch(), ProducerState.NO_TRANSACTION);
    if (first == ProducerState.NO_TRANSACTION) {
      return null;
    }
    long last = batch.lastOffset();
    undecided.end(first, last);
    return marker.aborts()
        ? new AbortedTransaction(batch.producerId(), first, last, undecided.firstOpen(last + 1))
        : null;
  }

  private ProducerState stateOf(long producerId, short epoch) {
    ProducerState state = states.get(producerId);
    if (state == null || epoch < state.epoch()) {
      if (state != null) {
        undecided.forget(state.transactionStart());
      }
      state = new ProducerState(producerId, epoch);
      states.put(producerId, state);
    }
    return state;
  }

  /** Takes over a producer from a snapshot; there is none of its id yet. */
  void restore(ProducerState state) {
    states.put(state.producerId(), state);
    if (state.transactionStart() != ProducerState.NO_TRANSACTION) {
      undecided.begin(state.transactionStart());
    }
  }

  /**
   * First offset of the oldest transaction that is open, or that ended at or above the high
   * watermark; {@link LogOffsets#NONE_UNDECIDED} when there is none.
   *
   * @param highWatermark not below that of an earlier call
   */
  public long firstUndecided(long highWatermark) {
    undecided.committedTo(highWatermark);
    return undecided.first(LogOffsets.NONE_UNDECIDED);
  }

  /**
   * Forgets the producers that have been silent for too long, unless a transaction of theirs is
   * open; returns how many.
   */
  public int removeExpired(long nowMs) {
    int before = states.size();
    states
        .values()
        .removeIf(
            state ->
                isExpired(state, nowMs)
                    && state.transactionStart() == ProducerState.NO_TRANSACTION);
    return before - states.size();
  }

  /** Forgets everything. */
  public void clear() {
    states.clear();
    undecided.clear();
  }

  /** The producers in the order of their ids. */
  public Collection<ProducerState> all() {
    List<ProducerState> sorted = new ArrayList<>(states.values());
    sorted.sort(Comparator.comparingLong(ProducerState::producerId));
    return sorted;
  }
}
