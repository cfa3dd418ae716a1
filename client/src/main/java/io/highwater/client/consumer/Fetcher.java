package io.highwater.client.consumer;

import io.highwater.client.Answers;
import io.highwater.client.Backoff;
import io.highwater.client.BrokerChannel;
import io.highwater.client.ClientRuntime;
import io.highwater.client.ClusterRouter;
import io.highwater.client.FetchStream;
import io.highwater.client.FetchStream.Frame;
import io.highwater.client.LogStatus;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetLookup;
import io.highwater.client.OffsetSpec;
import io.highwater.client.PartitionDescription;
import io.highwater.client.PartitionLeader;
import io.highwater.client.Reconnects;
import io.highwater.client.TopicDescription;
import io.highwater.client.consumer.FetchedItem.Batches;
import io.highwater.client.consumer.FetchedItem.Failed;
import io.highwater.client.consumer.FetchedItem.Gap;
import io.highwater.client.consumer.OffsetGapException.Cause;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Keeps every assigned partition on the stream to its leader, or to a follower in the consumer's
 * rack, and follows them when they move. Loop only.
 */
final class Fetcher implements BrokerFetch.Events {
  private static final Backoff BETWEEN_TRIES = new Backoff(20, 500, 0.2);
  private static final Backoff BEFORE_FOLLOWER = new Backoff(1_000, 60_000, 0);
  private static final long TICK_MS = 50;
  private static final long WATCH_MS = 250;

  /** After that, a stream without a frame may be one to a broker that was replaced. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Longer than a broker may take to hear of a topic. */
  private static final long UNKNOWN_TOPIC_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ClientRuntime runtime;
  private final ClusterRouter router;
  private final ConsumerConfig config;
  private final FetchBuffer buffer;
  private final Map<TopicPartition, FetchTarget> targets = new HashMap<>();
  private final Map<Integer, BrokerFetch> streams = new HashMap<>();
  private final Reconnects reconnects = new Reconnects(BETWEEN_TRIES);
  private boolean ticking;
  private boolean watching;
  private boolean closed;

  Fetcher(ClientRuntime runtime, ClusterRouter router, ConsumerConfig config, FetchBuffer buffer) {
    this.runtime = runtime;
    this.router = router;
    this.config = config;
    this.buffer = buffer;
    router.onRefresh(this::onRefresh);
  }

  /** Fetches a partition from somewhere on, instead of what was fetched of it before. */
  void start(TopicPartition partition, FetchStream.Position from, long generation) {
    stop(partition);
    FetchTarget target = new FetchTarget(partition, generation, from, nanoTime());
    targets.put(partition, target);
    place(target);
  }

  /** Fetches a partition no more. */
  void stop(TopicPartition partition) {
    FetchTarget target = targets.get(partition);
    if (target != null) {
      park(target);
    }
  }

  void close() {
    closed = true;
    targets.clear();
    streams.values().forEach(BrokerFetch::close);
    streams.clear();
  }

  private void place(FetchTarget target) {
    if (targets.get(target.partition()) != target || target.source() != null || closed) {
      return;
    }
    tickSoon();
    if (!target.mayTry(nanoTime()) || target.isDescribing()) {
      return;
    }
    if (target.topicId() == null) {
      describe(target);
      return;
    }
    PartitionLeader leader = router.view().leader(target.partition());
    BrokerFetch stream = leader.exists() ? closestStream(target, leader) : null;
    if (stream == null) {
      router.requestRefresh();
      return;
    }
    target.source(stream);
    target.fromFollower(stream.nodeId() != leader.nodeId());
    stream.add(target, leader);
  }

  private BrokerFetch closestStream(FetchTarget target, PartitionLeader leader) {
    int closest = closestReplica(target);
    BrokerFetch stream = stream(closest);
    if (stream == null && closest != leader.nodeId()) {
      avoidFollowers(target);
      return stream(leader.nodeId());
    }
    return stream;
  }

  private int closestReplica(FetchTarget target) {
    String rack = target.mayFetchFromFollower(nanoTime()) ? config.rack() : "";
    return router.view().closestReplica(target.partition(), rack);
  }

  /** For a while, longer each time, so that a follower that keeps failing is not asked for ever. */
  private void avoidFollowers(FetchTarget target) {
    long pauseMs = BEFORE_FOLLOWER.delayMs(target.followerFailed(), runtime.random());
    target.followerAt(nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs));
    runtime.loop().schedule(pauseMs, router::requestRefresh);
  }

  private void describe(FetchTarget target) {
    target.describing(true);
    TopicPartition partition = target.partition();
    Answers.handle(
        router.topic(partition.topic(), config.connection().apiTimeoutMs()),
        (topic, thrown) -> {
          target.describing(false);
          if (targets.get(partition) != target) {
            return;
          }
          if (thrown != null) {
            fail(target, asFailure(thrown));
          } else if (partition.partition() >= topic.partitions().size()) {
            fail(
                target,
                new HighwaterException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no partition " + partition));
          } else {
            target.topicId(topic.topicId());
            place(target);
          }
        });
  }

  private BrokerFetch stream(int nodeId) {
    BrokerFetch open = streams.get(nodeId);
    if (open != null) {
      return open;
    }
    BrokerChannel channel = router.channel(nodeId).orElse(null);
    if (channel == null || !reconnects.mayConnect(nodeId, nanoTime())) {
      return null;
    }
    StreamSilence silence = new StreamSilence(SILENCE_NANOS, nanoTime());
    BrokerFetch opened = new BrokerFetch(nodeId, channel, config.bufferBytes(), silence, this);
    if (opened.isClosed()) {
      return null;
    }
    streams.put(nodeId, opened);
    watchSoon();
    return opened;
  }

  private void tickSoon() {
    if (!ticking && !closed) {
      ticking = true;
      runtime.loop().schedule(TICK_MS, this::tick);
    }
  }

  private void tick() {
    ticking = false;
    placeAll();
  }

  private void watchSoon() {
    if (!watching && !closed && !streams.isEmpty()) {
      watching = true;
      runtime.loop().schedule(WATCH_MS, this::watch);
    }
  }

  private void watch() {
    watching = false;
    for (BrokerFetch stream : streams.values()) {
      if (stream.silence().look(nanoTime())) {
        router.requestRefreshFromOthers(stream.nodeId());
      }
    }
    watchSoon();
  }

  /** A broker that hangs keeps its connections; what it led may be fetched elsewhere. */
  private void leaveReplaced() {
    for (BrokerFetch stream : new ArrayList<>(streams.values())) {
      if (stream.silence().isSilent(nanoTime()) && stream.isReplaced(router.view()::leader)) {
        leave(stream);
      }
    }
  }

  private void placeAll() {
    for (FetchTarget target : new ArrayList<>(targets.values())) {
      place(target);
    }
  }

  private void onRefresh() {
    HighwaterException replaced = router.view().replaced();
    for (FetchTarget target : new ArrayList<>(targets.values())) {
      if (replaced != null) {
        fail(
            target,
            new HighwaterException(
                replaced.code(), target.partition() + ": " + replaced.getMessage()));
        continue;
      }
      Optional<TopicDescription> topic = router.view().topic(target.partition().topic());
      boolean known = target.topicId() != null;
      if (known && topic.isEmpty()) {
        fail(target, gone(target, "the topic was deleted"));
      } else if (known && !topic.get().topicId().equals(target.topicId())) {
        fail(target, gone(target, "the topic was deleted and created anew"));
      }
    }
    leaveReplaced();
    moveCloser();
    placeAll();
  }

  /** Only here, so at most once per refresh: who could be read closer by, or not there any more. */
  private void moveCloser() {
    if (config.rack().isEmpty()) {
      return;
    }
    Set<BrokerFetch> left = new LinkedHashSet<>();
    for (FetchTarget target : targets.values()) {
      BrokerFetch source = target.source();
      int closest = closestReplica(target);
      if (source != null
          && closest != PartitionDescription.NO_LEADER
          && closest != source.nodeId()) {
        left.add(source);
      }
    }
    left.forEach(this::leave);
  }

  private static HighwaterException gone(FetchTarget target, String reason) {
    return new HighwaterException(
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, target.partition() + ": " + reason);
  }

  @Override
  public void onFrame(BrokerFetch source, FetchTarget target, Frame frame) {
    reconnects.answered(source.nodeId());
    switch (frame.kind()) {
      case BATCH -> onBatches(source, target, frame);
      case WATERMARK, CAUGHT_UP -> tellHighWatermark(target, frame);
      case GAP -> onGap(target, frame);
      case ERROR -> onError(source, target, frame);
    }
  }

  private void onBatches(BrokerFetch source, FetchTarget target, Frame frame) {
    tellHighWatermark(target, frame);
    boolean wanted;
    try {
      wanted = target.advance(frame.records());
    } catch (HighwaterException corrupt) {
      fail(target, corrupt);
      wanted = false;
    }
    if (wanted) {
      buffer.offer(new Batches(target.partition(), target.generation(), frame.records(), source));
    } else if (source.consume(frame.records().remaining())) {
      source.grant();
    }
  }

  private void tellHighWatermark(FetchTarget target, Frame frame) {
    long highWatermark = frame.status().highWatermark();
    if (target.isFromFollower()) {
      buffer.followerHighWatermark(target.partition(), highWatermark);
    } else {
      buffer.highWatermark(target.partition(), highWatermark);
    }
  }

  /** Where the consumer goes on as the stream does, that is left alone. */
  private void onGap(FetchTarget target, Frame frame) {
    LogStatus status = frame.status();
    FetchStream.Lost lost = frame.lost();
    if (lost == null) {
      String reason = "records below " + status.logStartOffset() + " were deleted";
      offerGap(target, Cause.DELETED, status.logStartOffset(), status, reason);
      if (config.reset() == OffsetReset.EARLIEST) {
        target.skipTo(status.logStartOffset());
        return;
      }
    } else if (lost.certain()) {
      offerGap(target, Cause.LOST, lost.fromOffset(), status, lost.text());
      if (config.reset() == OffsetReset.EARLIEST) {
        target.resumeAt(lost.fromOffset(), status.leaderEpoch());
        return;
      }
    } else {
      offerGap(target, Cause.MAYBE_LOST, target.nextOffset(), status, lost.text());
      if (config.reset() != OffsetReset.FAIL) {
        target.resumeAt(target.nextOffset(), status.leaderEpoch());
        return;
      }
    }
    park(target);
  }

  private void offerGap(FetchTarget target, Cause cause, long to, LogStatus status, String reason) {
    buffer.offer(
        new Gap(
            target.partition(),
            target.generation(),
            cause,
            target.nextOffset(),
            to,
            status,
            reason));
  }

  private void onError(BrokerFetch source, FetchTarget target, Frame frame) {
    source.forget(target);
    target.source(null);
    ErrorCode error = frame.error();
    boolean news =
        frame.leader() != null
            && router.view().apply(target.partition(), target.topicId(), frame.leader());
    if (target.isFromFollower()) {
      // No word of a follower is final: the leader is asked.
      if (!news) {
        avoidFollowers(target);
      }
      router.requestRefresh();
      place(target);
      return;
    }
    if (error == ErrorCode.OFFSET_OUT_OF_RANGE) {
      lookUpGap(target, frame.message());
      return;
    }
    boolean unknown =
        error == ErrorCode.UNKNOWN_TOPIC_ID
            && target.unknownForNanos(nanoTime()) > UNKNOWN_TOPIC_NANOS;
    if (!error.retriable() || unknown) {
      fail(target, new HighwaterException(error, target.partition() + ": " + frame.message()));
      return;
    }
    if (news) {
      place(target);
      return;
    }
    retryLater(target);
    if (error.refreshMetadata()) {
      router.requestRefresh();
    }
  }

  private void lookUpGap(FetchTarget target, String reason) {
    // Nobody fetches it meanwhile: it is nowhere placed.
    target.describing(true);
    Answers.handle(
        OffsetLookup.one(
            router, target.partition(), OffsetSpec.LATEST, config.connection().apiTimeoutMs()),
        (listing, thrown) -> {
          target.describing(false);
          if (targets.get(target.partition()) != target) {
            return;
          }
          if (thrown != null) {
            fail(target, asFailure(thrown));
          } else {
            onOutOfRange(target, listing, reason);
          }
        });
  }

  private void onOutOfRange(FetchTarget target, OffsetListing listing, String reason) {
    boolean behind = target.nextOffset() < listing.logStartOffset();
    offerGap(
        target,
        behind ? Cause.DELETED : Cause.OUT_OF_RANGE,
        behind ? listing.logStartOffset() : listing.highWatermark(),
        new LogStatus(
            listing.leaderEpoch(),
            listing.logStartOffset(),
            listing.highWatermark(),
            listing.highWatermark()),
        reason + "; the log holds " + listing.logStartOffset() + " to " + listing.highWatermark());
    if (behind && config.reset() == OffsetReset.EARLIEST) {
      target.skipTo(listing.logStartOffset());
      place(target);
    } else {
      park(target);
    }
  }

  @Override
  public void onClosed(BrokerFetch source, List<FetchTarget> lost, HighwaterException cause) {
    streams.remove(source.nodeId(), source);
    reconnects.broke(source.nodeId(), nanoTime(), runtime.random());
    for (FetchTarget target : lost) {
      target.source(null);
      if (target.isFromFollower()) {
        avoidFollowers(target);
      }
      if (cause.code() == ErrorCode.MESSAGE_TOO_LARGE) {
        // What does not fit would come again and again.
        fail(target, cause);
      } else {
        place(target);
      }
    }
    router.requestRefresh();
  }

  private void retryLater(FetchTarget target) {
    target.retryAt(nanoTime() + backoffNanos(target.failed()));
    tickSoon();
  }

  private void fail(FetchTarget target, HighwaterException failure) {
    buffer.offer(new Failed(target.partition(), target.generation(), failure));
    park(target);
  }

  /** Nothing more comes of it before the next seek. */
  private void park(FetchTarget target) {
    targets.remove(target.partition(), target);
    BrokerFetch source = target.source();
    if (source != null) {
      // Frames do not say which position they belong to. A new stream tells the old ones apart.
      target.source(null);
      source.forget(target);
      leave(source);
    }
  }

  private void leave(BrokerFetch source) {
    streams.remove(source.nodeId(), source);
    for (FetchTarget other : source.close()) {
      other.source(null);
      place(other);
    }
  }

  private static HighwaterException asFailure(Throwable thrown) {
    return thrown instanceof HighwaterException failure
        ? failure
        : new HighwaterException(ErrorCode.UNKNOWN_SERVER_ERROR, thrown.toString(), thrown);
  }

  private long backoffNanos(int failures) {
    return TimeUnit.MILLISECONDS.toNanos(BETWEEN_TRIES.delayMs(failures, runtime.random()));
  }

  private long nanoTime() {
    return runtime.nanoClock().nanoTime();
  }
}
