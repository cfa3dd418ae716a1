package io.highwater.client.consumer;

import io.highwater.client.BrokerChannel;
import io.highwater.client.FetchStream;
import io.highwater.client.PartitionLeader;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * One incarnation of the fetch stream to one broker, with its partitions and its credit. Loop only,
 * except for {@link #consume}.
 */
final class BrokerFetch implements FetchStream.Listener {
  private final int nodeId;
  private final Events events;
  private final Map<Key, FetchTarget> targets = new HashMap<>();
  private final AtomicLong consumedBytes = new AtomicLong();
  private final StreamSilence silence;
  private final FetchStream stream;
  private volatile long grantedBytes;

  /** Grows to the largest batch, for that would never come otherwise. */
  private volatile long bufferBytes;

  private long receivedBytes;
  private boolean closed;

  private record Key(UUID topicId, int partition) {}

  /** What the fetcher wants to know. */
  interface Events {
    /** A frame for a partition on this stream. */
    void onFrame(BrokerFetch source, FetchTarget target, FetchStream.Frame frame);

    /** The stream is over, and its partitions need another. */
    void onClosed(BrokerFetch source, List<FetchTarget> targets, HighwaterException cause);
  }

  /**
   * @param bufferBytes how much may be on its way or unpolled
   * @param silence of this stream
   */
  BrokerFetch(
      int nodeId, BrokerChannel channel, long bufferBytes, StreamSilence silence, Events events) {
    this.nodeId = nodeId;
    this.bufferBytes = bufferBytes;
    this.silence = silence;
    this.events = events;
    this.stream = channel.openFetch(this);
    grant();
  }

  int nodeId() {
    return nodeId;
  }

  /** Whether it is over; a connection that just broke ends it before its constructor does. */
  boolean isClosed() {
    return closed;
  }

  /** For how long it has brought nothing. */
  StreamSilence silence() {
    return silence;
  }

  /** Fetches a partition on this stream, from where it stands. */
  void add(FetchTarget target, PartitionLeader leader) {
    target.leaderEpoch(leader.epoch());
    targets.put(new Key(target.topicId(), target.partition().partition()), target);
    stream.position(
        target.topicId(),
        target.partition().partition(),
        leader.epoch(),
        target.position(),
        target.isFromFollower());
  }

  /** Frames of this partition are not wanted any more. */
  void forget(FetchTarget target) {
    targets.remove(new Key(target.topicId(), target.partition().partition()), target);
  }

  /**
   * Counts bytes that need no room any more. From any thread.
   *
   * @return whether {@link #grant} is due
   */
  boolean consume(long bytes) {
    long consumed = consumedBytes.addAndGet(bytes);
    return consumed + bufferBytes - grantedBytes >= bufferBytes / 4;
  }

  /** Lets the broker send what there is room for. */
  void grant() {
    if (!closed) {
      grantedBytes = consumedBytes.get() + bufferBytes;
      stream.credit(grantedBytes);
    }
  }

  /** Whether somebody else leads in a later epoch what is fetched here from the leader. */
  boolean isReplaced(Function<TopicPartition, PartitionLeader> leaders) {
    for (FetchTarget target : targets.values()) {
      PartitionLeader leader = leaders.apply(target.partition());
      if (leader.exists() && leader.nodeId() != nodeId && leader.epoch() > target.leaderEpoch()) {
        return true;
      }
    }
    return false;
  }

  /** Ends the stream; its partitions need another. */
  List<FetchTarget> close() {
    closed = true;
    stream.close();
    return new ArrayList<>(targets.values());
  }

  @Override
  public void onFrame(FetchStream.Frame frame) {
    silence.heard();
    receivedBytes += frame.records().remaining();
    FetchTarget target = targets.get(new Key(frame.topicId(), frame.partition()));
    if (target != null && !closed) {
      events.onFrame(this, target, frame);
    } else if (consume(frame.records().remaining())) {
      grant();
    }
  }

  @Override
  public void onCreditNeeded(long bytes) {
    silence.heard();
    if (bytes - receivedBytes > bufferBytes) {
      bufferBytes = bytes - receivedBytes;
      grant();
    }
  }

  @Override
  public void onClosed(HighwaterException cause) {
    if (!closed) {
      closed = true;
      events.onClosed(this, new ArrayList<>(targets.values()), cause);
    }
  }
}
