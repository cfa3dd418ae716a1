package io.highwater.client.producer;

import io.highwater.client.BrokerChannel;
import io.highwater.client.Credit;
import io.highwater.client.PartitionLeader;
import io.highwater.client.ProduceStream;
import io.highwater.client.producer.InFlightWindow.Slot;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * One incarnation of the produce stream to one broker: waits for the hello, keeps to the credit,
 * and finds the batch that an ack belongs to. Loop only.
 */
final class LeaderStream implements ProduceStream.Listener {
  private final long id;
  private final int nodeId;
  private final long openedNanos;
  private final Events events;
  private final ProduceStream stream;
  private final Long2ObjectHashMap<Try> tries = new Long2ObjectHashMap<>();

  private Credit credit = Credit.NONE;
  private long sentBytes;
  private long sentRecords;
  private long nextCorrelationId;
  private long busySinceNanos;
  private long throttledUntilNanos;
  private boolean greeted;
  private boolean closed;

  /** One try of a batch on this stream, to the leader of an epoch. */
  record Try(
      PartitionSender partition, Slot<ProducerBatch> slot, int leaderEpoch, long sentNanos) {}

  /** What the sender wants to know. */
  interface Events {
    /** Monotonic time. */
    long nanoTime();

    /** Batches may be sent: after the hello, and whenever credit was added. */
    void onReady(LeaderStream stream);

    /** The largest batch that the broker takes. */
    void onLimit(int maxBatchBytes);

    /** A try has its answer. */
    void onAck(LeaderStream stream, Try answered, ProduceStream.Ack ack);

    /** The stream is over; what was on it is in doubt. */
    void onClosed(LeaderStream stream, HighwaterException cause);
  }

  /**
   * @param id names this incarnation, unique in the producer
   */
  LeaderStream(long id, int nodeId, BrokerChannel channel, long nowNanos, Events events) {
    this.id = id;
    this.nodeId = nodeId;
    this.openedNanos = nowNanos;
    this.events = events;
    this.throttledUntilNanos = nowNanos;
    this.stream = channel.openProduce(this);
  }

  long id() {
    return id;
  }

  int nodeId() {
    return nodeId;
  }

  boolean isGreeted() {
    return greeted;
  }

  /** Whether it is over; a connection that just broke ends it before its constructor does. */
  boolean isClosed() {
    return closed;
  }

  /** Whether a batch may go out now. */
  boolean canSend(long nowNanos) {
    return greeted
        && !closed
        && credit.allowsAfter(sentBytes, sentRecords)
        && nowNanos - throttledUntilNanos >= 0;
  }

  /** Whether no batch is on its way that was sent before now. */
  boolean isIdle(long nowNanos) {
    return tries.isEmpty() || busySinceNanos == nowNanos;
  }

  /** Sends a slot's batch. Only when it {@linkplain #canSend can}. */
  void send(
      PartitionSender partition,
      Slot<ProducerBatch> slot,
      int leaderEpoch,
      Acks acks,
      int timeoutMs,
      long nowNanos) {
    long correlationId = nextCorrelationId++;
    ByteBuffer records = slot.batch().records();
    if (tries.isEmpty()) {
      busySinceNanos = nowNanos;
    }
    tries.put(correlationId, new Try(partition, slot, leaderEpoch, nowNanos));
    sentBytes += records.remaining();
    sentRecords += slot.batch().recordCount();
    stream.send(
        correlationId,
        partition.topic().topicId(),
        partition.partition().partition(),
        leaderEpoch,
        acks,
        timeoutMs,
        records);
  }

  /** Whether the broker has been silent for too long, about the hello or about a batch. */
  boolean isStalled(long nowNanos, long helloTimeoutNanos, long ackTimeoutNanos) {
    if (!greeted) {
      return nowNanos - openedNanos > helloTimeoutNanos;
    }
    for (Try open : tries.values()) {
      if (nowNanos - open.sentNanos() > ackTimeoutNanos) {
        return true;
      }
    }
    return false;
  }

  /** Whether a batch has waited for its answer for longer than this. */
  boolean isSilent(long nowNanos, long patienceNanos) {
    return greeted && isStalled(nowNanos, patienceNanos, patienceNanos);
  }

  /** Whether somebody else leads in a later epoch what a batch was sent for. */
  boolean isReplaced(Function<TopicPartition, PartitionLeader> leaders) {
    for (Try open : tries.values()) {
      PartitionLeader leader = leaders.apply(open.partition().partition());
      if (leader.exists() && leader.nodeId() != nodeId && leader.epoch() > open.leaderEpoch()) {
        return true;
      }
    }
    return false;
  }

  /** The partitions with batches on this stream. */
  Set<PartitionSender> partitions() {
    Set<PartitionSender> partitions = new HashSet<>();
    for (Try open : tries.values()) {
      partitions.add(open.partition());
    }
    return partitions;
  }

  /** Ends the stream from this side. */
  void abort(HighwaterException cause) {
    if (!closed) {
      stream.close();
      onClosed(cause);
    }
  }

  @Override
  public void onHello(ProduceStream.Hello hello) {
    if (closed) {
      return;
    }
    if (hello.nodeId() != nodeId) {
      abort(
          new HighwaterException(
              ErrorCode.NOT_LEADER_OR_FOLLOWER,
              "node " + hello.nodeId() + " answers where node " + nodeId + " should be"));
      return;
    }
    greeted = true;
    events.onLimit(hello.maxBatchBytes());
    onCredit(hello.credit());
  }

  @Override
  public void onAck(ProduceStream.Ack ack) {
    Try answered = closed ? null : tries.remove(ack.correlationId());
    if (answered != null) {
      if (ack.throttleMs() > 0) {
        throttledUntilNanos = events.nanoTime() + ack.throttleMs() * 1_000_000L;
      }
      events.onAck(this, answered, ack);
    }
  }

  @Override
  public void onCredit(Credit granted) {
    if (!closed) {
      credit = granted;
      events.onReady(this);
    }
  }

  @Override
  public void onClosed(HighwaterException cause) {
    if (!closed) {
      closed = true;
      events.onClosed(this, cause);
      tries.clear();
    }
  }
}
