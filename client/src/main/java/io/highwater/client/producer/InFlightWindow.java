package io.highwater.client.producer;

import io.highwater.client.ProducerIdentity;
import io.highwater.proto.Invariant;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;

/**
 * One partition's batches between leaving the accumulator and their final answer, in the order of
 * their sequences. It decides what may be sent next, and what becomes of sequence numbers when a
 * batch will never arrive. Pure: no thread, clock or I/O; one thread at a time.
 *
 * <ul>
 *   <li>Batches are sent in order, and again in order: those on the wire are always the oldest
 *       ones, on one stream. After a refusal everything behind it is awaited, then sent again.
 *   <li>From the oldest unanswered batch to the newest there are at most {@code maxInFlight}, also
 *       when one in between was answered: the broker recognises no older repeats (IDM-2).
 *   <li>A batch that is acknowledged before an older one, because a repeat of that one was refused
 *       meanwhile, waits for it: acknowledgements are given out in the order of the batches.
 *   <li>A batch that fails for good leaves a hole in the sequences. Nothing new is admitted then;
 *       once nothing is on the wire and nothing is in doubt, the rest is numbered anew from 0 in
 *       the next epoch (KIP-360).
 *   <li>A batch in doubt (a try had no definite answer) never gets another number: it may be in the
 *       log under its old one, and the broker would not recognise it.
 * </ul>
 *
 * @param <B> what a batch is
 */
final class InFlightWindow<B> {
  private static final long OFF_WIRE = -1;

  /** A batch's place in the window. */
  static final class Slot<B> {
    private final B batch;
    private final int records;
    private final long ordinal;
    private PartitionSequence sequence;
    private long stream = OFF_WIRE;
    private int tries;
    private boolean inDoubt;
    private int sentEpoch = -1;
    private int doubtEpoch = -1;
    private boolean gone;

    private Slot(B batch, int records, long ordinal) {
      this.batch = batch;
      this.records = records;
      this.ordinal = ordinal;
    }

    B batch() {
      return batch;
    }

    /** Identity and first sequence number; null without idempotence. */
    PartitionSequence sequence() {
      return sequence;
    }

    /** How often it was sent. */
    int tries() {
      return tries;
    }

    /** Whether it may be in the log: a try is unanswered or had no definite answer. */
    boolean isInDoubt() {
      return inDoubt || stream != OFF_WIRE;
    }

    /** Whether an earlier try had no definite answer. */
    boolean hadUnknownTry() {
      return inDoubt;
    }

    private void doubt() {
      inDoubt = true;
      doubtEpoch = Math.max(doubtEpoch, sentEpoch);
    }

    /** Whether it had its final answer: late ones mean nothing. */
    boolean isGone() {
      return gone;
    }
  }

  private final int maxInFlight;
  private final boolean idempotent;
  private final ArrayDeque<Slot<B>> slots = new ArrayDeque<>();

  private PartitionSequence sequence;
  private long nextOrdinal;
  private int onWire;
  private int held;
  private boolean holed;
  private boolean identityOver;

  /**
   * @param maxInFlight batches from the oldest unanswered to the newest, from 1
   * @param idempotent whether batches carry sequence numbers; needs {@link #identify} first
   */
  InFlightWindow(int maxInFlight, boolean idempotent) {
    this.maxInFlight = maxInFlight;
    this.idempotent = idempotent;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  /** Batches without their final answer, and acknowledged ones that wait for them. */
  int size() {
    return slots.size();
  }

  /** The unanswered batches, oldest first. */
  List<Slot<B>> slots() {
    return slots.stream().filter(slot -> !slot.gone).toList();
  }

  /** Whether nothing can go on before {@link #identify}. */
  boolean needsIdentity() {
    return idempotent && sequence == null;
  }

  /** Takes a producer id; numbers what is waiting from 0. */
  void identify(ProducerIdentity identity) {
    Invariant.check(needsIdentity(), "IDM-4: identity is asked for before it is given");
    Invariant.check(onWire == 0, "IDM-1: nothing is on the wire without identity", onWire);
    number(PartitionSequence.begin(identity));
  }

  /** Whether another batch may be admitted, to be sent on this stream. */
  boolean hasRoom(long stream) {
    if (holed || needsIdentity()) {
      return false;
    }
    if (slots.isEmpty()) {
      return true;
    }
    return nextOrdinal - slots.peekFirst().ordinal < maxInFlight
        && onWire + held == slots.size()
        && slots.peekFirst().stream == stream;
  }

  /** Takes a batch in, behind all others. Only when there {@linkplain #hasRoom is room}. */
  Slot<B> admit(B batch, int records) {
    Invariant.check(!holed && !needsIdentity(), "IDM-1: no batch is numbered behind a hole");
    Slot<B> slot = new Slot<>(batch, records, nextOrdinal++);
    Invariant.check(
        slots.isEmpty() || slot.ordinal - slots.peekFirst().ordinal < maxInFlight,
        "IDM-2: the broker remembers no more batches",
        slot.ordinal,
        maxInFlight);
    if (idempotent) {
      slot.sequence = sequence;
      sequence = sequence.after(records);
    }
    slots.addLast(slot);
    return slot;
  }

  /**
   * The batch to be sent next on a stream; null when it must wait for answers or there is none.
   *
   * @param stream names the stream, from 0; never used again once it broke
   */
  Slot<B> nextToSend(long stream) {
    if (onWire + held == slots.size() || needsIdentity()) {
      return null;
    }
    int ahead = 0;
    for (Slot<B> slot : slots) {
      if (slot.gone) {
        continue;
      }
      if (slot.stream == OFF_WIRE) {
        return ahead == onWire ? slot : null;
      }
      if (slot.stream != stream) {
        return null;
      }
      ahead++;
    }
    return null;
  }

  /**
   * A batch went out.
   *
   * @param leaderEpoch the only one in which it may be appended by this try
   */
  void sent(Slot<B> slot, long stream, int leaderEpoch) {
    Invariant.check(nextToSend(stream) == slot, "ACK-3: batches go out in order", slot.ordinal);
    slot.stream = stream;
    slot.tries++;
    slot.sentEpoch = leaderEpoch;
    onWire++;
  }

  /** A batch is in the log; {@link #pollAcked} gives it out when it is its turn. */
  void acked(Slot<B> slot) {
    leaveWire(slot);
    slot.inDoubt = false;
    slot.gone = true;
    held++;
  }

  /**
   * The oldest batch, when it is acknowledged; to be asked after every answer and every failure
   * until there is none.
   *
   * @return null when the oldest batch is unanswered, or there is none
   */
  Slot<B> pollAcked() {
    Slot<B> oldest = slots.peekFirst();
    if (oldest == null || !oldest.gone) {
      return null;
    }
    held--;
    return slots.pollFirst();
  }

  /**
   * A batch was refused and is to be sent again, as it is.
   *
   * @param definite whether this try is certainly not in the log
   */
  void refused(Slot<B> slot, boolean definite) {
    leaveWire(slot);
    if (!definite) {
      slot.doubt();
    }
  }

  /**
   * The broker does not accept a batch's sequence. Behind an unanswered batch that was to be
   * expected: it is sent again. The oldest one shows that the broker's state is not what we
   * believe: it is numbered anew if it is certainly not in the log.
   *
   * @param identityOver whether the producer id itself is refused: the next epoch will not do
   * @return false when the batch is in doubt, and therefore over: it was removed
   */
  boolean sequenceRefused(Slot<B> slot, boolean identityOver) {
    Invariant.check(idempotent, "IDM-1: no sequence without idempotence", slot.ordinal);
    leaveWire(slot);
    if (slot != slots.peekFirst() && !identityOver) {
      return true;
    }
    holed = true;
    this.identityOver |= identityOver;
    if (slot.inDoubt) {
      remove(slot);
      return false;
    }
    return true;
  }

  /**
   * The leader of an epoch lost the sequence that the oldest batch goes on from: neither that nor
   * any behind it is in its log, nor will a try of this epoch that is late get there (IDM-1), nor
   * one of an earlier epoch (FEN-1). So they are in doubt no more, and can be sent under another
   * number.
   */
  void sequenceLost(int leaderEpoch) {
    for (Slot<B> slot : slots) {
      if (slot.inDoubt && slot.doubtEpoch <= leaderEpoch) {
        slot.inDoubt = false;
      }
    }
  }

  /** Whether a batch is the oldest of those without a final answer. */
  boolean isOldest(Slot<B> slot) {
    return slot == slots.peekFirst();
  }

  /** A batch will not be tried any more: its sequence numbers will be missing. */
  void failed(Slot<B> slot) {
    remove(slot);
    holed |= idempotent;
  }

  /**
   * A stream broke: what was on it is in doubt and to be sent again.
   *
   * @return whether anything was
   */
  boolean streamBroke(long stream) {
    int before = onWire;
    for (Slot<B> slot : slots) {
      if (slot.stream == stream) {
        leaveWire(slot);
        slot.doubt();
      }
    }
    return onWire != before;
  }

  /**
   * Numbers the waiting batches anew where a hole makes that necessary and safe; without another
   * epoch a new {@linkplain #needsIdentity identity} is needed first.
   *
   * @return whether it happened
   */
  boolean renumberIfDue() {
    if (!holed || onWire > 0) {
      return false;
    }
    for (Slot<B> slot : slots) {
      if (slot.inDoubt) {
        return false;
      }
    }
    if (identityOver || !sequence.canRaiseEpoch()) {
      sequence = null;
      holed = false;
      identityOver = false;
    } else {
      number(sequence.raisedEpoch());
    }
    return true;
  }

  private void number(PartitionSequence from) {
    holed = false;
    identityOver = false;
    sequence = from;
    for (Slot<B> slot : slots()) {
      Invariant.check(
          !slot.isInDoubt(), "IDM-2: a batch in doubt keeps its sequence", slot.ordinal);
      slot.sequence = sequence;
      sequence = sequence.after(slot.records);
    }
  }

  private void leaveWire(Slot<B> slot) {
    Invariant.check(slot.stream != OFF_WIRE && !slot.gone, "ACK-3: an answer ends one try once");
    slot.stream = OFF_WIRE;
    onWire--;
  }

  private void remove(Slot<B> slot) {
    Iterator<Slot<B>> iterator = slots.iterator();
    while (iterator.hasNext()) {
      if (iterator.next() == slot) {
        iterator.remove();
        if (slot.stream != OFF_WIRE) {
          slot.stream = OFF_WIRE;
          slot.doubt();
          onWire--;
        }
        slot.gone = true;
        return;
      }
    }
    Invariant.check(false, "ACK-3: a batch has one final answer", slot.ordinal);
  }
}
