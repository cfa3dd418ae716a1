package io.highwater.client.producer;

import io.highwater.client.PartitionLeader;
import io.highwater.client.ProduceStream;
import io.highwater.client.ProducerIdentity;
import io.highwater.client.RetryPolicy;
import io.highwater.client.producer.InFlightWindow.Slot;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicPartition;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition's way from the queue through the window to its leader, with the pauses after
 * failures. Loop only, except for {@link #queue} and {@link #signal}.
 */
final class PartitionSender {
  private static final Logger log = LoggerFactory.getLogger(PartitionSender.class);

  private final PartitionQueue queue;
  private final ProduceSender sender;
  private final InFlightWindow<ProducerBatch> window;
  private final AtomicBoolean signalled = new AtomicBoolean();

  private TopicSender topic;
  private boolean active;
  private int failures;
  private int failedEpoch = -1;
  private long retryAtNanos;
  // Null when nothing failed since the last acknowledgement.
  private ErrorCode lastError;
  private String lastErrorText;
  private long refusedProducerId = -1;

  /** Exclusive end of what was acknowledged last; 0 when nothing was since a loss was told. */
  private long acknowledgedEnd;

  PartitionSender(TopicPartition partition, ProduceSender sender, ProducerConfig config) {
    this.queue = new PartitionQueue(partition);
    this.sender = sender;
    this.window = new InFlightWindow<>(config.maxInFlightPerPartition(), config.idempotent());
    this.retryAtNanos = sender.nanoTime();
  }

  /** The batches not sent yet; from any thread. */
  PartitionQueue queue() {
    return queue;
  }

  /** Marks the partition as one to look at; false when it is marked already. From any thread. */
  boolean signal() {
    return signalled.compareAndSet(false, true);
  }

  /** The mark was seen. */
  void clearSignal() {
    signalled.set(false);
  }

  TopicPartition partition() {
    return queue.partition();
  }

  TopicSender topic() {
    return topic;
  }

  void topic(TopicSender owner) {
    topic = owner;
  }

  boolean isActive() {
    return active;
  }

  void active(boolean isActive) {
    active = isActive;
  }

  /** Whether nothing waits here. */
  boolean isIdle() {
    return window.isEmpty() && queue.isEmpty();
  }

  /**
   * Sends what can be sent now.
   *
   * @param openedBefore batches that were opened by then need not be full
   */
  void pump(long nowNanos, long openedBefore) {
    if (window.renumberIfDue()) {
      window.slots().forEach(this::stamp);
    }
    if (isIdle() || !mayTry(nowNanos)) {
      return;
    }
    if (window.needsIdentity() && !identify()) {
      return;
    }
    PartitionLeader leader = sender.leader(partition());
    LeaderStream stream = leader.exists() ? sender.stream(leader.nodeId(), nowNanos) : null;
    if (!leader.exists()) {
      blockedBy(ErrorCode.LEADER_NOT_AVAILABLE, sender.whyLeaderless(partition()));
    }
    if (stream == null) {
      sender.requestRefresh();
      return;
    }
    long dueBefore = sender.lingersWhenIdle() || !stream.isIdle(nowNanos) ? openedBefore : nowNanos;
    while (stream.canSend(nowNanos)) {
      Slot<ProducerBatch> slot = window.nextToSend(stream.id());
      if (slot == null && window.hasRoom(stream.id())) {
        slot = admit(dueBefore);
      }
      if (slot == null) {
        return;
      }
      window.sent(slot, stream.id(), leader.epoch());
      sender.send(stream, this, slot, leader.epoch(), nowNanos);
    }
  }

  /**
   * In how many ns it should be pumped again though nothing happens.
   *
   * @param otherwise the answer while it waits for others only
   */
  long nextPumpInNanos(long nowNanos, long lingerNanos, long otherwise) {
    long pauseNanos = retryAtNanos - nowNanos;
    if (pauseNanos > 0) {
      return Math.min(pauseNanos, otherwise);
    }
    long lingerEndsInNanos = queue.openedNanos(nowNanos - lingerNanos) + lingerNanos - nowNanos;
    return lingerEndsInNanos > 0 ? Math.min(lingerEndsInNanos, otherwise) : otherwise;
  }

  /** A try has its answer. */
  void answered(LeaderStream.Try answered, ProduceStream.Ack ack, long nowNanos) {
    Slot<ProducerBatch> slot = answered.slot();
    if (slot.isGone()) {
      return;
    }
    int epoch = answered.leaderEpoch();
    switch (RetryPolicy.actionOn(ack.error())) {
      case ACKNOWLEDGE -> {
        failures = 0;
        lastError = null;
        slot.batch().acknowledged(ack);
        window.acked(slot);
        acknowledgedEnd = ack.baseOffset() + slot.batch().recordCount();
      }
      case RETRY -> {
        failed(ack.error(), ack.message(), epoch, nowNanos);
        window.refused(slot, ack.outcome() == Outcome.REFUSED);
      }
      case RESEQUENCE -> resequence(slot, ack, epoch, nowNanos);
      case FAIL -> {
        boolean inDoubt = slot.hadUnknownTry() || ack.outcome() != Outcome.REFUSED;
        window.failed(slot);
        sender.failed(topic, slot.batch(), failure(ack.error(), ack.message(), inDoubt));
      }
    }
    tellAcked();
  }

  private void tellAcked() {
    for (Slot<ProducerBatch> next = window.pollAcked(); next != null; next = window.pollAcked()) {
      sender.succeeded(topic, next.batch());
    }
  }

  /** A stream broke, or could not be opened for this partition's leader. */
  void streamBroke(long streamId, String cause, long nowNanos) {
    if (window.streamBroke(streamId)) {
      failed(ErrorCode.NETWORK_EXCEPTION, cause, sender.leader(partition()).epoch(), nowNanos);
    }
  }

  /** Why nothing goes out at the moment, for the error of a batch that runs out of time. */
  void blockedBy(ErrorCode error, String text) {
    lastError = error;
    lastErrorText = text;
  }

  /** What is in the way of what waits here, as far as it is known; null: nothing. */
  HighwaterException obstacle() {
    return isIdle() || lastError == null
        ? null
        : new HighwaterException(lastError, partition() + ": " + lastErrorText);
  }

  /** Ends batches that were opened before a time. */
  void expire(long openedBefore, long deliveryTimeoutMs) {
    for (Slot<ProducerBatch> slot : window.slots()) {
      if (slot.batch().openedNanos() - openedBefore <= 0) {
        end(slot, "not delivered within " + deliveryTimeoutMs + " ms");
      }
    }
    ProducerBatch batch = queue.takeExpired(openedBefore);
    while (batch != null) {
      String text = "not sent within " + deliveryTimeoutMs + " ms" + lastText();
      sender.failed(topic, batch, failure(ErrorCode.REQUEST_TIMED_OUT, text, false));
      batch = queue.takeExpired(openedBefore);
    }
  }

  /** Ends everything: the topic is gone, or the producer closes. */
  void abandon(ErrorCode error, String reason) {
    queue.retire();
    String text = reason + lastText();
    for (Slot<ProducerBatch> slot : window.slots()) {
      boolean inDoubt = slot.isInDoubt();
      window.failed(slot);
      sender.failed(topic, slot.batch(), failure(error, text, inDoubt));
      tellAcked();
    }
    ProducerBatch batch = queue.takeExpired(sender.nanoTime());
    while (batch != null) {
      sender.failed(topic, batch, failure(error, text, false));
      batch = queue.takeExpired(sender.nanoTime());
    }
  }

  private boolean mayTry(long nowNanos) {
    return nowNanos - retryAtNanos >= 0 || sender.leader(partition()).epoch() > failedEpoch;
  }

  private boolean identify() {
    ProducerIdentity identity = sender.identity(refusedProducerId);
    if (identity == null) {
      return false;
    }
    window.identify(identity);
    window.slots().forEach(this::stamp);
    return true;
  }

  private Slot<ProducerBatch> admit(long openedBefore) {
    ProducerBatch batch = nextSealed(openedBefore);
    if (batch == null) {
      return null;
    }
    Slot<ProducerBatch> slot = window.admit(batch, batch.recordCount());
    stamp(slot);
    return slot;
  }

  /** Those whose codec cannot be used here fail at once. */
  private ProducerBatch nextSealed(long openedBefore) {
    while (true) {
      ProducerBatch batch = queue.takeReady(openedBefore);
      if (batch == null) {
        return null;
      }
      topic.sticky().batchClosed(partition().partition());
      HighwaterException unsealed = batch.seal();
      if (unsealed == null) {
        return batch;
      }
      sender.failed(topic, batch, failure(unsealed.code(), unsealed.getMessage(), false));
    }
  }

  private void stamp(Slot<ProducerBatch> slot) {
    if (slot.sequence() != null) {
      slot.batch().stamp(slot.sequence());
    }
  }

  private void resequence(
      Slot<ProducerBatch> slot, ProduceStream.Ack ack, int leaderEpoch, long nowNanos) {
    boolean identityOver = ack.error() == ErrorCode.INVALID_PRODUCER_EPOCH;
    if (identityOver) {
      refusedProducerId = slot.sequence().producerId();
    }
    failed(ack.error(), ack.message(), leaderEpoch, nowNanos);
    if (ack.error() == ErrorCode.PRODUCER_STATE_LOST && window.isOldest(slot)) {
      tellLoss(ack.message());
      window.sequenceLost(leaderEpoch);
    }
    if (!window.sequenceRefused(slot, identityOver)) {
      sender.failed(topic, slot.batch(), failure(ack.error(), ack.message(), true));
    }
  }

  private void tellLoss(String text) {
    if (acknowledgedEnd > 0) {
      log.warn(
          "{}: acknowledged records before offset {} may be lost; going on with those that were not"
              + " acknowledged ({})",
          partition(),
          acknowledgedEnd,
          text);
      acknowledgedEnd = 0;
    }
  }

  private void failed(ErrorCode error, String text, int leaderEpoch, long nowNanos) {
    lastError = error;
    lastErrorText = text;
    failedEpoch = leaderEpoch;
    if (nowNanos - retryAtNanos >= 0) {
      // Batches behind the first fail with it: together they are one failure.
      failures++;
      retryAtNanos = nowNanos + sender.backoffNanos(failures);
    }
  }

  private void end(Slot<ProducerBatch> slot, String reason) {
    boolean inDoubt = slot.isInDoubt();
    window.failed(slot);
    String text = reason + ", tries " + slot.tries() + lastText();
    sender.failed(topic, slot.batch(), failure(ErrorCode.REQUEST_TIMED_OUT, text, inDoubt));
    tellAcked();
  }

  private String lastText() {
    return lastError == null ? "" : ", last " + lastError + " " + lastErrorText;
  }

  private ProduceFailure failure(ErrorCode error, String text, boolean inDoubt) {
    return new ProduceFailure(
        error, inDoubt ? Outcome.UNKNOWN : Outcome.REFUSED, partition() + ": " + text);
  }
}
