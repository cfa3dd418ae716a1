package io.highwater.client.producer;

import io.highwater.client.Answers;
import io.highwater.client.Backoff;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientRuntime;
import io.highwater.client.ClusterRouter;
import io.highwater.client.PartitionLeader;
import io.highwater.client.ProduceStream;
import io.highwater.client.ProducerIdentity;
import io.highwater.client.Reconnects;
import io.highwater.client.TopicDescription;
import io.highwater.client.producer.InFlightWindow.Slot;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/**
 * Takes batches from the accumulator to the leaders: one stream per broker, woken once per batch
 * that is ready. Loop only, except for {@link #signal}, {@link #hurry} and {@link #calm}.
 */
final class ProduceSender implements LeaderStream.Events {
  private static final Backoff BETWEEN_TRIES = new Backoff(20, 100, 0.2);
  private static final long GREET_MS = 100;
  private static final long MIN_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long MAX_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** After that, a leader without an answer may be one that was replaced. */
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ClientRuntime runtime;
  private final ProducerConfig config;
  private final ClusterRouter router;
  private final BatchAccumulator accumulator;
  private final TopicSenders topics;
  private final long lingerNanos;
  private final long deliveryTimeoutNanos;

  private final ManyToOneConcurrentLinkedQueue<PartitionSender> signals =
      new ManyToOneConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger hurries = new AtomicInteger();
  private volatile boolean ticking;

  private final List<PartitionSender> active = new ArrayList<>();
  private final Map<Integer, LeaderStream> streams = new HashMap<>();
  private final Reconnects reconnects = new Reconnects(BETWEEN_TRIES);
  private int firstActive;
  private long nextStreamId;
  private ProducerIdentity identity;
  private boolean identityAsked;
  private final CompletableFuture<Void> limitKnown = new CompletableFuture<>();
  private boolean closed;

  ProduceSender(
      ClientRuntime runtime,
      ProducerConfig config,
      ClusterRouter router,
      BatchAccumulator accumulator) {
    this.runtime = runtime;
    this.config = config;
    this.router = router;
    this.accumulator = accumulator;
    this.topics =
        new TopicSenders(
            config,
            accumulator,
            partition -> new PartitionSender(partition, this, config),
            runtime::random);
    this.lingerNanos = TimeUnit.MILLISECONDS.toNanos(config.lingerMs());
    this.deliveryTimeoutNanos = TimeUnit.MILLISECONDS.toNanos(config.deliveryTimeoutMs());
    router.onRefresh(this::onRefresh);
  }

  /**
   * A partition has a new batch. From any thread.
   *
   * @param full whether a batch is ready to be sent, rather than open for more records
   */
  void signal(PartitionSender partition, boolean full) {
    if (partition.signal()) {
      signals.add(partition);
    }
    boolean due = full || lingerNanos == 0 || !config.lingersWhenIdle();
    if ((due || !ticking) && woken.compareAndSet(false, true)) {
      runtime.loop().execute(this::wake);
    }
  }

  /** No more lingering until {@link #calm}: somebody waits for everything sent. From any thread. */
  void hurry() {
    hurries.incrementAndGet();
    if (woken.compareAndSet(false, true)) {
      runtime.loop().execute(this::wake);
    }
  }

  /** Ends one {@link #hurry}. From any thread. */
  void calm() {
    hurries.decrementAndGet();
  }

  /** What is in the way of a partition whose records wait; empty: nothing that is known. */
  Optional<HighwaterException> obstacle() {
    return active.stream().map(PartitionSender::obstacle).filter(Objects::nonNull).findFirst();
  }

  private void wake() {
    woken.set(false);
    pumpAll();
  }

  private void pumpAll() {
    takeSignals();
    long now = nanoTime();
    long openedBefore = openedBefore(now);
    int count = active.size();
    // Rotates, so that no partition always gets the credit first.
    firstActive = count == 0 ? 0 : (firstActive + 1) % count;
    for (int i = 0; i < count; i++) {
      active.get((firstActive + i) % count).pump(now, openedBefore);
    }
    if (!ticking && count > 0) {
      scheduleTick();
    }
  }

  private void takeSignals() {
    PartitionSender partition = signals.poll();
    while (partition != null) {
      partition.clearSignal();
      if (!partition.isActive()) {
        partition.active(true);
        active.add(partition);
      }
      partition = signals.poll();
    }
  }

  private long openedBefore(long nowNanos) {
    boolean lingers = hurries.get() == 0 && !accumulator.isExhausted();
    return lingers ? nowNanos - lingerNanos : nowNanos;
  }

  private void scheduleTick() {
    ticking = true;
    long now = nanoTime();
    // Batches opened while this ticks do not wake the loop: it must come by within their linger.
    long delayNanos = lingerNanos == 0 ? MAX_TICK_NANOS : Math.min(lingerNanos, MAX_TICK_NANOS);
    for (PartitionSender partition : active) {
      delayNanos = Math.min(delayNanos, partition.nextPumpInNanos(now, lingerNanos, delayNanos));
    }
    long delayMs = (Math.max(delayNanos, MIN_TICK_NANOS) + 999_999) / 1_000_000;
    runtime.loop().schedule(delayMs, this::tick);
  }

  private void tick() {
    long now = nanoTime();
    for (LeaderStream stream : new ArrayList<>(streams.values())) {
      if (stream.isStalled(
          now,
          TimeUnit.MILLISECONDS.toNanos(config.connection().requestTimeoutMs()),
          TimeUnit.MILLISECONDS.toNanos(config.requestTimeoutMs()))) {
        stream.abort(
            new HighwaterException(
                ErrorCode.REQUEST_TIMED_OUT, "node " + stream.nodeId() + " does not answer"));
      } else if (stream.isSilent(now, SILENCE_NANOS)) {
        leaveReplaced(stream);
      }
    }
    for (int i = active.size() - 1; i >= 0; i--) {
      PartitionSender partition = active.get(i);
      partition.expire(now - deliveryTimeoutNanos, config.deliveryTimeoutMs());
      if (partition.isIdle()) {
        partition.active(false);
        active.remove(i);
      }
    }
    ticking = false;
    // Senders that saw it ticking did not wake the loop.
    pumpAll();
  }

  /** A broker that hangs keeps its connections: others say whether somebody leads in its place. */
  private void leaveReplaced(LeaderStream stream) {
    if (stream.isReplaced(this::leader)) {
      stream.abort(
          new HighwaterException(
              ErrorCode.NOT_LEADER_OR_FOLLOWER,
              "node " + stream.nodeId() + " does not answer and was replaced"));
    } else {
      router.requestRefreshFromOthers(stream.nodeId());
    }
  }

  /**
   * A topic was described: makes its senders, or takes in what changed.
   *
   * @throws IllegalStateException after {@link #close}
   */
  TopicSender describe(TopicDescription described) {
    if (closed) {
      throw new IllegalStateException("the producer is closed");
    }
    return topics.describe(described);
  }

  private void onRefresh() {
    HighwaterException replaced = router.view().replaced();
    if (replaced == null) {
      topics.refresh(router.view());
    } else {
      topics.retireAll(replaced.code(), replaced.getMessage());
    }
    pumpAll();
  }

  @Override
  public long nanoTime() {
    return runtime.nanoClock().nanoTime();
  }

  @Override
  public void onLimit(int brokerMaxBatchBytes) {
    topics.limit(brokerMaxBatchBytes, router.view());
    limitKnown.complete(null);
  }

  @Override
  public void onReady(LeaderStream stream) {
    reconnects.answered(stream.nodeId());
    pumpAll();
  }

  @Override
  public void onAck(LeaderStream stream, LeaderStream.Try answered, ProduceStream.Ack ack) {
    PartitionSender partition = answered.partition();
    long now = nanoTime();
    partition.answered(answered, ack, now);
    if (ack.error().refreshMetadata()) {
      boolean news =
          ack.leader() != null
              && router
                  .view()
                  .apply(partition.partition(), partition.topic().topicId(), ack.leader());
      if (!news) {
        router.requestRefresh();
      }
    }
    if (!config.lingersWhenIdle() && stream.isIdle(now)) {
      // Open batches of other partitions waited for this answer.
      pumpAll();
    } else {
      partition.pump(now, openedBefore(now));
    }
  }

  @Override
  public void onClosed(LeaderStream stream, HighwaterException cause) {
    streams.remove(stream.nodeId(), stream);
    long now = nanoTime();
    reconnects.broke(stream.nodeId(), now, runtime.random());
    String text = "node " + stream.nodeId() + ": " + cause.getMessage();
    for (PartitionSender partition : stream.partitions()) {
      partition.streamBroke(stream.id(), text, now);
    }
    for (PartitionSender partition : active) {
      if (leader(partition.partition()).nodeId() == stream.nodeId()) {
        partition.blockedBy(cause.code(), text);
      }
    }
    router.requestRefresh();
  }

  PartitionLeader leader(TopicPartition partition) {
    return router.view().leader(partition);
  }

  /** Why nobody leads a partition. */
  String whyLeaderless(TopicPartition partition) {
    return router.view().whyLeaderless(partition);
  }

  /** Whether an open batch waits for more records also while nothing is on its way. */
  boolean lingersWhenIdle() {
    return config.lingersWhenIdle();
  }

  void requestRefresh() {
    router.requestRefresh();
  }

  long backoffNanos(int failures) {
    return TimeUnit.MILLISECONDS.toNanos(BETWEEN_TRIES.delayMs(failures, runtime.random()));
  }

  /** The stream to a broker, opened if need be; null while it may not be connected to. */
  LeaderStream stream(int nodeId, long nowNanos) {
    LeaderStream open = streams.get(nodeId);
    if (open != null) {
      return open;
    }
    BrokerChannel channel = router.channel(nodeId).orElse(null);
    if (channel == null || !reconnects.mayConnect(nodeId, nowNanos)) {
      return null;
    }
    LeaderStream opened = new LeaderStream(nextStreamId++, nodeId, channel, nowNanos, this);
    if (opened.isClosed()) {
      return null;
    }
    streams.put(nodeId, opened);
    return opened;
  }

  /**
   * Opens the streams to a topic's leaders until one of them has said what it takes at most.
   *
   * @return done when the limit is known
   */
  CompletableFuture<Void> greet(TopicSender topic, long timeoutMs) {
    keepGreeting(topic, timeoutMs);
    return limitKnown;
  }

  private void keepGreeting(TopicSender topic, long timeoutMs) {
    if (limitKnown.isDone() || timeoutMs <= 0 || closed) {
      return;
    }
    for (PartitionSender partition : topic.partitions()) {
      PartitionLeader leader = leader(partition.partition());
      if (!leader.exists() || stream(leader.nodeId(), nanoTime()) == null) {
        router.requestRefresh();
      }
    }
    runtime.loop().schedule(GREET_MS, () -> keepGreeting(topic, timeoutMs - GREET_MS));
  }

  void send(
      LeaderStream stream,
      PartitionSender partition,
      Slot<ProducerBatch> slot,
      int leaderEpoch,
      long nowNanos) {
    // The broker's patience must end before ours does.
    int timeoutMs = (int) Math.min(Integer.MAX_VALUE, Math.max(1, config.requestTimeoutMs() / 2));
    stream.send(partition, slot, leaderEpoch, config.acks(), timeoutMs, nowNanos);
  }

  /**
   * A producer id, or null while there is none; the asker is pumped when it comes.
   *
   * @param refusedProducerId an id that will not do, or -1
   */
  ProducerIdentity identity(long refusedProducerId) {
    if (identity != null && identity.producerId() != refusedProducerId) {
      return identity;
    }
    if (!identityAsked) {
      identityAsked = true;
      Answers.handle(
          router.askAny(BrokerChannel::initProducerId, true, config.connection().apiTimeoutMs()),
          (given, thrown) -> {
            identityAsked = false;
            if (given != null) {
              identity = given;
              pumpAll();
            } else {
              for (PartitionSender partition : active) {
                partition.blockedBy(
                    ErrorCode.BROKER_NOT_AVAILABLE, "no producer id: " + thrown.getMessage());
              }
            }
          });
    }
    return null;
  }

  void succeeded(TopicSender topic, ProducerBatch batch) {
    accumulator.finish(topic, batch);
    batch.succeed();
    accumulator.ended(batch);
  }

  void failed(TopicSender topic, ProducerBatch batch, ProduceFailure failure) {
    accumulator.release(batch);
    batch.fail(failure);
    accumulator.ended(batch);
  }

  /** Ends every batch that has not ended. */
  void close() {
    closed = true;
    topics.retireAll(ErrorCode.REQUEST_TIMED_OUT, "the producer was closed");
  }
}
