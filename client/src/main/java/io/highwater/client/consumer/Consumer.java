package io.highwater.client.consumer;

import io.highwater.client.ClientRuntime;
import io.highwater.client.ClusterRouter;
import io.highwater.client.FetchStream;
import io.highwater.client.LoopCall;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetLookup;
import io.highwater.client.OffsetSpec;
import io.highwater.client.TopicDescription;
import io.highwater.client.consumer.ConsumerRecords.BatchSlice;
import io.highwater.client.consumer.FetchedItem.Batches;
import io.highwater.client.consumer.FetchedItem.Failed;
import io.highwater.client.consumer.FetchedItem.Gap;
import io.highwater.client.consumer.OffsetGapException.Cause;
import io.highwater.client.grpc.GrpcClientRuntime;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchValidator;
import io.highwater.proto.record.BatchView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads assigned partitions from chosen offsets up to the high watermark. Brokers push batches
 * ahead of {@link #poll}, which only hands them over.
 *
 * <p>For one thread; only {@link #wakeup} may be called from others. Methods that ask the cluster
 * block at most the API timeout and throw {@link io.highwater.proto.HighwaterException}.
 */
public final class Consumer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Consumer.class);
  private static final long NO_POSITION = -1;

  private final ConsumerConfig config;
  private final ClientRuntime runtime;
  private final ClusterRouter router;
  private final FetchBuffer buffer;
  private final Fetcher fetcher;
  private final BatchValidator validator = new BatchValidator();
  private final BatchView view = new BatchView();
  private final Map<TopicPartition, Position> positions = new LinkedHashMap<>();
  private long nextGeneration;
  private HighwaterException deferred;
  private boolean closed;

  /** Where the application is in a partition. */
  private static final class Position {
    private long offset = NO_POSITION;

    /** Leader epoch of the record before it, or -1. */
    private int lastEpoch = -1;

    /** Without that, the leader epoch in which the offset was told, or -1. */
    private int offsetEpoch = -1;

    private long generation = -1;
  }

  private Consumer(ConsumerConfig config, ClientRuntime runtime) {
    this.config = config;
    this.runtime = runtime;
    this.router = new ClusterRouter(runtime, config.connection());
    this.buffer = new FetchBuffer();
    this.fetcher = new Fetcher(runtime, router, config, buffer);
  }

  /** Settings to build one from. */
  public static ConsumerBuilder builder() {
    return new ConsumerBuilder();
  }

  static Consumer open(ConsumerConfig config) {
    return open(config, GrpcClientRuntime.open("highwater-consumer"));
  }

  /**
   * A consumer on another runtime than gRPC's.
   *
   * @param runtime closed with the consumer
   */
  public static Consumer open(ConsumerConfig config, ClientRuntime runtime) {
    return new Consumer(config, runtime);
  }

  /**
   * The partitions of a topic, by number.
   *
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public List<TopicPartition> partitionsOf(String topic) {
    requireOpen();
    TopicDescription description =
        await("description of topic '" + topic + "'", () -> router.topicNow(topic, apiTimeoutMs()));
    return description.partitions().stream()
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  /**
   * Replaces the partitions to read. Those that were assigned already keep their positions; new
   * ones have none until a seek.
   */
  public void assign(Collection<TopicPartition> partitions) {
    requireOpen();
    Set<TopicPartition> assigned = new LinkedHashSet<>(partitions);
    for (TopicPartition partition : List.copyOf(positions.keySet())) {
      if (!assigned.contains(partition)) {
        positions.remove(partition);
        runtime.loop().execute(() -> fetcher.stop(partition));
      }
    }
    assigned.forEach(partition -> positions.computeIfAbsent(partition, any -> new Position()));
  }

  /** The partitions being read. */
  public Set<TopicPartition> assignment() {
    return Set.copyOf(positions.keySet());
  }

  /**
   * Reads an assigned partition from this offset on. Whoever comes back to an offset kept earlier
   * is told of losses that may have taken what it has read, {@link
   * OffsetGapException.Cause#MAYBE_LOST}; with {@link #offsetAndEpoch} it is told exactly.
   *
   * @param offset from 0; whether it exists shows at the next polls
   */
  public void seek(TopicPartition partition, long offset) {
    seek(partition, new OffsetAndEpoch(offset, OffsetAndEpoch.UNKNOWN_EPOCH));
  }

  /**
   * Reads an assigned partition from a position on that {@link #offsetAndEpoch} told. Where records
   * read before it were lost since, the next polls say so, {@link OffsetGapException.Cause#LOST}.
   */
  public void seek(TopicPartition partition, OffsetAndEpoch position) {
    seek(partition, new FetchStream.Position(position.offset(), position.leaderEpoch(), -1));
  }

  private void seek(TopicPartition partition, FetchStream.Position to) {
    requireOpen();
    Position position = assigned(partition);
    position.offset = to.offset();
    position.lastEpoch = to.lastEpoch();
    position.offsetEpoch = to.offsetEpoch();
    position.generation = nextGeneration++;
    long generation = position.generation;
    runtime.loop().execute(() -> fetcher.start(partition, to, generation));
  }

  /** Fetches again from where it stands. */
  private void again(TopicPartition partition, Position position) {
    seek(
        partition,
        new FetchStream.Position(position.offset, position.lastEpoch, position.offsetEpoch));
  }

  /** Reads assigned partitions from their log start offsets on. */
  public void seekToBeginning(Collection<TopicPartition> partitions) {
    offsets(partitions, OffsetSpec.EARLIEST).forEach(this::seekTo);
  }

  /** Reads assigned partitions from their high watermarks on. */
  public void seekToEnd(Collection<TopicPartition> partitions) {
    offsets(partitions, OffsetSpec.LATEST).forEach(this::seekTo);
  }

  /** What is told now is behind all losses of before. */
  private void seekTo(TopicPartition partition, OffsetListing listing) {
    long offset =
        listing.offset() == OffsetListing.NOT_FOUND ? listing.highWatermark() : listing.offset();
    seek(partition, new FetchStream.Position(offset, -1, listing.leaderEpoch()));
  }

  /**
   * Reads assigned partitions from the first record with this timestamp or a later one; from the
   * high watermark where there is none.
   *
   * @param timestamp ms since 1970
   */
  public void seekToTimestamp(Collection<TopicPartition> partitions, long timestamp) {
    offsets(partitions, OffsetSpec.atOrAfter(timestamp)).forEach(this::seekTo);
  }

  /**
   * Records that follow the positions, which move past them. Returns as soon as there are some.
   *
   * @param timeout how long to wait for the first; zero to look only
   * @return records, or none when the time is over or {@link #wakeup} was called
   * @throws OffsetGapException when a position is gone and the reset policy is to fail
   * @throws io.highwater.proto.HighwaterException CORRUPT_MESSAGE for bytes that fail their CRC, or
   *     an error of the cluster that no retry heals; positions have not moved past it
   * @throws IllegalStateException when an assigned partition has no position
   * @throws java.util.concurrent.CancellationException when interrupted; the flag stays set
   */
  public ConsumerRecords poll(Duration timeout) {
    requireOpen();
    throwDeferred();
    positions.forEach(Consumer::requirePosition);
    long timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
    long startNanos = runtime.nanoClock().nanoTime();
    while (true) {
      long waitedNanos = runtime.nanoClock().nanoTime() - startNanos;
      List<FetchedItem> items = take(timeoutNanos - waitedNanos);
      if (items.isEmpty()) {
        return ConsumerRecords.EMPTY;
      }
      ConsumerRecords records = absorb(items);
      if (!records.isEmpty()) {
        return records;
      }
    }
  }

  /**
   * The offset of the next record that {@code poll} will return.
   *
   * @throws IllegalStateException when the partition is not assigned or has no position
   */
  public long position(TopicPartition partition) {
    requirePosition(partition, assigned(partition));
    return assigned(partition).offset;
  }

  /**
   * The same with the leader epoch of the record before, to be kept for a later {@link
   * #seek(TopicPartition, OffsetAndEpoch)}.
   *
   * @throws IllegalStateException as {@link #position}
   */
  public OffsetAndEpoch offsetAndEpoch(TopicPartition partition) {
    return new OffsetAndEpoch(position(partition), assigned(partition).lastEpoch);
  }

  /** The log start offsets now. */
  public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
    return offsetsOf(offsets(partitions, OffsetSpec.EARLIEST));
  }

  /**
   * The high watermarks now, as their leaders know them: a reader whose {@link #position} has
   * reached them has seen all that was committed before the call.
   */
  public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
    return offsetsOf(offsets(partitions, OffsetSpec.LATEST));
  }

  /**
   * The first offsets with this timestamp or a later one; partitions without such a record are left
   * out.
   *
   * @param timestamp ms since 1970
   */
  public Map<TopicPartition, Long> offsetsForTimestamp(
      Collection<TopicPartition> partitions, long timestamp) {
    Map<TopicPartition, Long> found =
        offsetsOf(offsets(partitions, OffsetSpec.atOrAfter(timestamp)));
    found.values().removeIf(offset -> offset == OffsetListing.NOT_FOUND);
    return found;
  }

  /**
   * Whether the position has reached the high watermark last told by the broker it is read from.
   * New records may have come since; with a {@link ConsumerBuilder#clientRack} that broker may be a
   * follower, which hears of it later: {@link #endOffsets} asks the leader.
   */
  public boolean isCaughtUp(TopicPartition partition) {
    return assigned(partition).offset >= buffer.highWatermarkOr(partition, Long.MAX_VALUE);
  }

  /** Makes a poll that waits, or the next one, return at once. From any thread. */
  public void wakeup() {
    buffer.wakeup();
  }

  /** Lets go of the connections. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    runtime.closeAfter(
        () -> {
          fetcher.close();
          router.close();
        });
  }

  private List<FetchedItem> take(long maxWaitNanos) {
    try {
      return buffer.take(config.maxPollBytes(), maxWaitNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled = new CancellationException("interrupted while polling");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  private ConsumerRecords absorb(List<FetchedItem> items) {
    Map<TopicPartition, List<BatchSlice>> slices = new LinkedHashMap<>();
    for (FetchedItem item : items) {
      Position position = positions.get(item.partition());
      boolean isCurrent = position != null && position.generation == item.generation();
      if (item instanceof Batches batches) {
        if (isCurrent) {
          absorb(batches, position, slices);
        }
        giveBack(batches);
      } else if (isCurrent && item instanceof Gap gap) {
        reset(gap, position);
      } else if (isCurrent && item instanceof Failed failed) {
        // The next poll after the caller has handled it tries again.
        again(failed.partition(), position);
        throw failed.failure();
      }
    }
    if (slices.isEmpty()) {
      throwDeferred();
    }
    return new ConsumerRecords(slices, config.maxBatchBytes(), config.corruptRecords());
  }

  private void throwDeferred() {
    if (deferred != null) {
      HighwaterException failure = deferred;
      deferred = null;
      throw failure;
    }
  }

  private void absorb(
      Batches batches, Position position, Map<TopicPartition, List<BatchSlice>> slices) {
    TopicPartition partition = batches.partition();
    DirectBuffer bytes = new UnsafeBuffer(batches.records());
    int at = 0;
    while (at < bytes.capacity()) {
      try {
        validator.validateStored(bytes, at, bytes.capacity() - at);
      } catch (HighwaterException corrupt) {
        corruptAt(partition, position, corrupt);
        return;
      }
      view.wrap(bytes, at);
      if (view.nextOffset() > position.offset) {
        if (!view.isControl() && view.recordCount() > 0) {
          slices
              .computeIfAbsent(partition, any -> new ArrayList<>())
              .add(
                  new BatchSlice(
                      partition,
                      bytes,
                      at,
                      view.leaderEpoch(),
                      position.offset,
                      view.nextOffset()));
        }
        position.offset = view.nextOffset();
        position.lastEpoch = view.leaderEpoch();
      }
      at += view.sizeInBytes();
    }
  }

  /** Says so once the rest of what was taken is absorbed: positions must not skip it (CON-1). */
  private void corruptAt(TopicPartition partition, Position position, HighwaterException cause) {
    HighwaterException failure =
        new HighwaterException(
            cause.code(),
            partition + ": batch at offset " + position.offset + ": " + cause.getMessage(),
            cause);
    again(partition, position);
    deferred = failure;
  }

  private void reset(Gap gap, Position position) {
    int told = gap.status().leaderEpoch();
    if (config.reset() == OffsetReset.FAIL) {
      if (gap.cause() == Cause.MAYBE_LOST) {
        position.offsetEpoch = told; // Once is enough.
      }
      // Until the caller seeks elsewhere, the next poll finds the same of any other cause.
      again(gap.partition(), position);
      throw new OffsetGapException(
          gap.cause(), gap.partition(), position.offset, gap.to(), gap.reason());
    }
    long to =
        switch (gap.cause()) {
          case MAYBE_LOST -> position.offset;
          case DELETED, LOST ->
              config.reset() == OffsetReset.LATEST ? gap.status().highWatermark() : gap.to();
          case OUT_OF_RANGE ->
              config.reset() == OffsetReset.LATEST
                  ? gap.status().highWatermark()
                  : gap.status().logStartOffset();
        };
    log.warn(
        "{}: offset {} is gone, reading goes on at {} ({})",
        gap.partition(),
        position.offset,
        to,
        gap.reason());
    boolean streamGoesOn =
        gap.cause() == Cause.MAYBE_LOST
            || (config.reset() == OffsetReset.EARLIEST && gap.cause() != Cause.OUT_OF_RANGE);
    if (streamGoesOn) {
      position.offset = to;
      position.lastEpoch = -1;
      position.offsetEpoch = told;
    } else {
      seek(gap.partition(), new FetchStream.Position(to, -1, told));
    }
  }

  private void giveBack(Batches batches) {
    BrokerFetch source = batches.source();
    if (source.consume(batches.records().remaining())) {
      runtime.loop().execute(source::grant);
    }
  }

  private Map<TopicPartition, OffsetListing> offsets(
      Collection<TopicPartition> partitions, OffsetSpec spec) {
    requireOpen();
    Map<TopicPartition, OffsetSpec> specs = new LinkedHashMap<>();
    partitions.forEach(partition -> specs.put(partition, spec));
    return await("offsets of " + partitions, () -> OffsetLookup.all(router, specs, apiTimeoutMs()));
  }

  private static Map<TopicPartition, Long> offsetsOf(Map<TopicPartition, OffsetListing> listings) {
    Map<TopicPartition, Long> offsets = new LinkedHashMap<>();
    listings.forEach((partition, listing) -> offsets.put(partition, listing.offset()));
    return offsets;
  }

  private <T> T await(String what, Supplier<CompletableFuture<T>> question) {
    return LoopCall.await(runtime.loop(), apiTimeoutMs(), what, question);
  }

  private long apiTimeoutMs() {
    return config.connection().apiTimeoutMs();
  }

  private Position assigned(TopicPartition partition) {
    Position position = positions.get(partition);
    if (position == null) {
      throw new IllegalStateException(partition + " is not assigned");
    }
    return position;
  }

  private static void requirePosition(TopicPartition partition, Position position) {
    if (position.offset == NO_POSITION) {
      throw new IllegalStateException(partition + " has no position: seek first");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the consumer is closed");
    }
  }
}
