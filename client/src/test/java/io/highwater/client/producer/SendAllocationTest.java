package io.highwater.client.producer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.highwater.client.fake.FakeCluster;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread that sends allocates itself, counted by the JVM; the loop's part is not seen. */
@Timeout(30)
class SendAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 8;
  private static final int RECORDS_PER_ROUND = 4_000;

  /** A callback's reference, a timestamp, and their share of what is there once for each batch. */
  private static final long RECORD_BOUND_BYTES = 64;

  @Test
  void sendingAllocatesNextToNothingPerRecord() {
    try (FakeCluster cluster = new FakeCluster(1, 1)) {
      cluster.createTopic("orders", 1);
      AtomicInteger failures = new AtomicInteger();
      SendCallback shared = (metadata, failure) -> failures.addAndGet(failure == null ? 0 : 1);
      ProducerRecord record = ProducerRecord.of("orders", null, new byte[100]);
      try (Producer producer =
          Producer.builder()
              .bootstrap(cluster.bootstrap())
              .batchBytes(16 * 1024)
              .lingerMs(5)
              .build()) {
        sendAndFlush(producer, record, shared);

        long allocated = 0;
        for (int round = 0; round < ROUNDS; round++) {
          allocated += sendAndFlush(producer, record, shared);
        }

        assertThat(allocated / (ROUNDS * RECORDS_PER_ROUND)).isLessThan(RECORD_BOUND_BYTES);
      }
      assertThat(failures).hasValue(0);
    }
  }

  /**
   * Sends what is few enough for every batch's memory to be used again; returns bytes allocated.
   */
  private static long sendAndFlush(
      Producer producer, ProducerRecord record, SendCallback callback) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < RECORDS_PER_ROUND; i++) {
      producer.send(record, callback);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    producer.flush();
    return allocated;
  }
}
