package io.highwater.client.producer;

import io.highwater.client.Answers;
import io.highwater.client.ClientRuntime;
import io.highwater.client.ClusterRouter;
import io.highwater.client.LoopCall;
import io.highwater.client.grpc.GrpcClientRuntime;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.record.BatchBuilder;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends records to a cluster: batches them per partition, keeps their order, and retries until each
 * is acknowledged or its delivery timeout passed. Idempotent by default: however often a batch is
 * retried, it is in the log once (IDM-2).
 *
 * <p>Safe for any number of threads; one producer per process is the way to good batches. Futures
 * and callbacks complete on the producer's one event loop: do not block there.
 */
public final class Producer implements AutoCloseable {
  /** Batches up to this size are taken by every broker whose limit was not lowered. */
  private static final int USUAL_LIMIT_BYTES = 1024 * 1024;

  private final ProducerConfig config;
  private final ClientRuntime runtime;
  private final ClusterRouter router;
  private final BufferPool pool;
  private final BatchAccumulator accumulator;
  private final ProduceSender sender;
  // Once, not for each record.
  private final BatchAccumulator.Signal signal;
  private volatile boolean closed;

  private Producer(ProducerConfig config, ClientRuntime runtime) {
    this.config = config;
    this.runtime = runtime;
    this.router = new ClusterRouter(runtime, config.connection());
    this.pool = new BufferPool(config.bufferBytes());
    BuilderPool builders = new BuilderPool(config.codec(), config.bufferBytes());
    this.accumulator =
        new BatchAccumulator(pool, builders, runtime.nanoClock(), config.maxBlockMs());
    this.sender = new ProduceSender(runtime, config, router, accumulator);
    this.signal = sender::signal;
  }

  /** Settings to build one from. */
  public static ProducerBuilder builder() {
    return new ProducerBuilder();
  }

  static Producer open(ProducerConfig config) {
    return open(config, GrpcClientRuntime.open("highwater-producer"));
  }

  /**
   * A producer on another runtime than gRPC's.
   *
   * @param runtime closed with the producer
   */
  public static Producer open(ProducerConfig config, ClientRuntime runtime) {
    return new Producer(config, runtime);
  }

  /**
   * Sends a record. Blocks only while the topic is not known yet or the buffer is full, at most
   * maxBlockMs each.
   *
   * @return the receipt; fails with {@link ProduceFailure}: MESSAGE_TOO_LARGE before anything is
   *     sent when the record is above the limit, REQUEST_TIMED_OUT when it could not be buffered or
   *     delivered in time, or what the broker said
   * @throws IllegalStateException when the producer is closed, also while this blocks, or when it
   *     would have to wait for the topic on the event loop; nothing is sent
   * @throws java.util.concurrent.CancellationException when interrupted while it blocks; the
   *     interrupt flag stays set, nothing is sent
   */
  public CompletableFuture<RecordMetadata> send(ProducerRecord record) {
    SendFuture future = new SendFuture();
    send(record, future);
    return future;
  }

  /**
   * The same without a future.
   *
   * @param callback hears of the record's end, or null
   */
  public void send(ProducerRecord record, SendCallback callback) {
    Objects.requireNonNull(record, "record");
    long timestamp =
        record.timestamp() == ProducerRecord.NOW ? runtime.epochClock().time() : record.timestamp();
    try {
      boolean canWait = !runtime.loop().inLoop();
      boolean appended = false;
      while (!appended) {
        requireOpen();
        TopicSender topic = topicFor(record);
        appended = accumulator.append(topic, record, timestamp, callback, canWait, signal);
      }
    } catch (HighwaterException failure) {
      // Whoever was sent away by close must not hear of a full buffer.
      requireOpen();
      if (callback != null) {
        callback.completed(
            null,
            failure instanceof ProduceFailure
                ? failure
                : new ProduceFailure(failure.code(), Outcome.REFUSED, failure.getMessage()));
      }
    }
  }

  /**
   * Asks for a topic without blocking: once it is known, {@link #send} to it may be called on the
   * event loop, too.
   *
   * @return completes on the event loop; fails with {@link HighwaterException} as {@link
   *     #partitions}
   */
  public CompletableFuture<Void> prepare(String topic) {
    requireOpen();
    CompletableFuture<Void> known = new CompletableFuture<>();
    runtime
        .loop()
        .execute(
            () ->
                Answers.handle(
                    router.topic(topic, config.maxBlockMs()).thenApply(sender::describe),
                    (described, thrown) -> {
                      if (thrown == null) {
                        known.complete(null);
                      } else {
                        known.completeExceptionally(thrown);
                      }
                    }));
    return known;
  }

  /**
   * Why records wait, as far as it is known: what the last try ended with of a partition that has
   * some and got no acknowledgement since, such as NOT_ENOUGH_REPLICAS. They are tried again until
   * the delivery timeout all the same. For people who wonder; does not block.
   *
   * @throws IllegalStateException when the producer is closed
   * @return completes on the event loop; empty when nothing is known to be in the way
   */
  public CompletableFuture<Optional<HighwaterException>> obstacle() {
    CompletableFuture<Optional<HighwaterException>> answer = new CompletableFuture<>();
    runtime.loop().execute(() -> answer.complete(sender.obstacle()));
    return answer;
  }

  /**
   * Bytes that the record would take in a batch of its own before compression: what is compared
   * with {@link #maxRecordBytes}. Touches no network.
   */
  public static long sizeInBatch(ProducerRecord record) {
    return BatchBuilder.sizeOfSingle(
        record.key() == null ? -1 : record.key().length,
        record.value() == null ? -1 : record.value().length,
        record.headers());
  }

  /**
   * The most bytes that {@link #sizeInBatch} of a record may come to in this topic: its
   * max.message.bytes and the brokers' limit, whichever is less. Blocks like {@link #send}.
   *
   * @throws HighwaterException when the topic or the cluster cannot be reached
   */
  public int maxRecordBytes(String topic) {
    requireOpen();
    return (int) Math.min(limited(known(topic)).maxBatchBytes(), pool.capacity());
  }

  /**
   * How many partitions a topic has. Blocks like {@link #send}.
   *
   * @throws HighwaterException when the topic or the cluster cannot be reached
   */
  public int partitions(String topic) {
    requireOpen();
    return known(topic).partitions().length;
  }

  /**
   * Sends what is buffered without lingering and waits until every record sent before this call has
   * been acknowledged or has failed.
   *
   * @throws IllegalStateException when the producer is closed
   * @throws java.util.concurrent.CancellationException when interrupted; the flag stays set
   */
  public void flush() {
    requireOpen();
    sender.hurry();
    try {
      accumulator.awaitIncomplete(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BatchAccumulator.interrupted("flushing", e);
    } finally {
      sender.calm();
    }
  }

  /** Flushes, at most for the delivery timeout, and lets go of the connections. */
  @Override
  public void close() {
    close(Duration.ofMillis(config.deliveryTimeoutMs()));
  }

  /**
   * Flushes for a limited time; what is not acknowledged by then fails with REQUEST_TIMED_OUT. Not
   * to be called on the event loop.
   *
   * @param timeout zero to give up at once
   */
  public void close(Duration timeout) {
    long timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    pool.close();
    sender.hurry();
    try {
      accumulator.awaitIncomplete(timeoutNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    runtime.closeAfter(
        () -> {
          sender.close();
          router.close();
        });
  }

  private TopicSender topicFor(ProducerRecord record) {
    TopicSender topic = accumulator.topic(record.topic());
    if (topic == null) {
      topic = known(record.topic());
    }
    if (record.partition() != null
        && record.partition() >= topic.partitions().length
        && !runtime.loop().inLoop()) {
      topic = asOfNow(record.topic()); // It may have grown.
    }
    if (topic.maxBatchBytes() != Integer.MAX_VALUE) {
      return topic;
    }
    // Ordinary records need not wait for the brokers to say what the limit is.
    boolean large =
        topic.batchBytes() > USUAL_LIMIT_BYTES || sizeInBatch(record) > topic.batchBytes();
    return large ? limited(topic) : topic;
  }

  private TopicSender known(String name) {
    TopicSender topic = accumulator.topic(name);
    if (topic != null) {
      return topic;
    }
    return LoopCall.await(
        runtime.loop(),
        config.maxBlockMs(),
        "description of topic '" + name + "'",
        () -> router.topic(name, config.maxBlockMs()).thenApply(sender::describe));
  }

  private TopicSender asOfNow(String name) {
    return LoopCall.await(
        runtime.loop(),
        config.maxBlockMs(),
        "description of topic '" + name + "'",
        () -> router.topicNow(name, config.maxBlockMs()).thenApply(sender::describe));
  }

  private TopicSender limited(TopicSender topic) {
    if (topic.maxBatchBytes() != Integer.MAX_VALUE) {
      return topic;
    }
    LoopCall.await(
        runtime.loop(),
        config.maxBlockMs(),
        "limit of topic '" + topic.topic() + "'",
        () -> sender.greet(topic, config.maxBlockMs()));
    TopicSender now = accumulator.topic(topic.topic());
    return now == null ? topic : now;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the producer is closed");
    }
  }
}
