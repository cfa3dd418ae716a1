package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.ClusterRouter;
import io.highwater.client.ProduceStream;
import io.highwater.client.grpc.GrpcClientRuntime;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchAccumulatorTest {
  private static final int BATCH_BYTES = 1024;
  private static final ProducerRecord RECORD =
      new ProducerRecord("orders", 0, null, new byte[10], List.of(), 1);

  private final GrpcClientRuntime runtime = GrpcClientRuntime.open("accumulator-test");
  private final AtomicReference<Runnable> whenOpening = new AtomicReference<>();
  private final BufferPool pool = new BufferPool(8 * BATCH_BYTES);
  private final BatchAccumulator accumulator =
      new BatchAccumulator(
          pool, new BuilderPool(Codec.NONE, 8 * BATCH_BYTES), this::nanoTimeOfOpening, 1_000);
  private final PartitionSender partition = partition();
  private final TopicSender topic =
      new TopicSender(
          "orders",
          UUID.randomUUID(),
          Codec.NONE,
          BATCH_BYTES,
          BATCH_BYTES,
          BATCH_BYTES,
          new StickyPartition(() -> 0, new int[] {0}),
          new PartitionSender[] {partition});

  @AfterEach
  void closeRuntime() {
    runtime.close();
  }

  private PartitionSender partition() {
    ProducerConfig config = Producer.builder().config();
    ClusterRouter router = new ClusterRouter(runtime, config.connection());
    ProduceSender sender = new ProduceSender(runtime, config, router, accumulator);
    return new PartitionSender(new TopicPartition("orders", 0), sender, config);
  }

  private long nanoTimeOfOpening() {
    Runnable action = whenOpening.getAndSet(null);
    if (action != null) {
      action.run();
    }
    return 0;
  }

  private void append() {
    accumulator.append(topic, RECORD, 1, null, true, (signalled, full) -> {});
  }

  @Test
  void aBatchThatAnotherSenderMadeNeedlessKeepsNoFlushWaiting() throws Exception {
    CountDownLatch otherOpened = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread sender =
        new Thread(
            () -> {
              whenOpening.set(
                  () -> {
                    append();
                    otherOpened.countDown();
                    awaitQuietly(goOn);
                  });
              append();
            });
    CompletableFuture<Boolean> flushed = new CompletableFuture<>();
    Thread flusher = new Thread(() -> flushed.complete(awaitIncomplete()));
    sender.start();
    otherOpened.await();
    synchronized (partition.queue()) {
      goOn.countDown();
      await().until(() -> sender.getState() == Thread.State.BLOCKED);
      flusher.start();
      await().until(() -> flusher.getState() == Thread.State.TIMED_WAITING);
    }
    sender.join();

    ProducerBatch opened = partition.queue().takeReady(0);
    assertThat(opened.recordCount()).isEqualTo(2);
    opened.seal();
    opened.acknowledged(
        new ProduceStream.Ack(0, ErrorCode.NONE, Outcome.DONE, "", 0, 0, 1, 0, false, null, 0));
    opened.succeed();
    accumulator.release(opened);
    accumulator.ended(opened);
    assertThat(flushed.get()).isTrue();
    assertThat(pool.tryReserve(pool.capacity())).as("all memory is back").isTrue();
  }

  private boolean awaitIncomplete() {
    try {
      return accumulator.awaitIncomplete(TimeUnit.SECONDS.toNanos(5));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
