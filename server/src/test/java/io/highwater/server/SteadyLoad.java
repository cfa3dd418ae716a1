package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.OffsetReset;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.Acks;
import io.highwater.proto.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A producer and a consumer that go on whatever happens to the brokers: every partition is written
 * to all the time, each record with its number as value, and read as it is written.
 */
final class SteadyLoad implements AutoCloseable {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SHOWN = 10;

  private final String topic;
  private final int partitions;
  private final Producer producer;
  private final Consumer consumer;
  private final AtomicLong written = new AtomicLong();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Gaps writes;
  private final Gaps reads;

  /**
   * By partition: the numbers acknowledged, in the order of their offsets; written by one thread.
   */
  private final List<ConcurrentLinkedQueue<Long>> acknowledged = new ArrayList<>();

  private final List<ConcurrentLinkedQueue<Long>> read = new ArrayList<>();
  private final Thread writer;
  private final Thread reader;
  private volatile boolean writing = true;
  private volatile boolean reading = true;

  private SteadyLoad(String bootstrap, String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
    producer = Producer.builder().bootstrap(bootstrap).acks(Acks.ALL).build();
    consumer = Consumer.builder().bootstrap(bootstrap).offsetReset(OffsetReset.FAIL).build();
    writes = new Gaps(partitions);
    reads = new Gaps(partitions);
    for (int partition = 0; partition < partitions; partition++) {
      acknowledged.add(new ConcurrentLinkedQueue<>());
      read.add(new ConcurrentLinkedQueue<>());
    }
    writer = new Thread(this::write, "load-writer");
    reader = new Thread(this::read, "load-reader");
  }

  static SteadyLoad start(String bootstrap, String topic, int partitions) {
    SteadyLoad load = new SteadyLoad(bootstrap, topic, partitions);
    load.writer.start();
    load.reader.start();
    return load;
  }

  /** Waits until so many more records are acknowledged. */
  void awaitWritten(long count) {
    long goal = written.get() + count;
    await().atMost(PATIENCE).until(() -> written.get() >= goal || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }

  /** Counts gaps from now on. */
  void begin() {
    writes.begin();
    reads.begin();
  }

  /** The longest times for which a partition took or gave nothing, for people. */
  String gaps() {
    return "longest gap of writes %d ms, of reads %d ms"
        .formatted(writes.longestMs(), reads.longestMs());
  }

  /** Ends the writing, and the reading once all of it is read. */
  void finish() {
    writing = false;
    join(writer);
    producer.flush();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                !failures.isEmpty()
                    || IntStream.range(0, partitions)
                        .allMatch(p -> read.get(p).size() >= acknowledged.get(p).size()));
    reading = false;
    join(reader);
  }

  /** Every record was acknowledged once and read once, in the order of its partition. */
  void assertNothingLostOrDoubled() {
    assertThat(failures).isEmpty();
    for (int partition = 0; partition < partitions; partition++) {
      List<Long> expected = List.copyOf(acknowledged.get(partition));
      List<Long> actual = List.copyOf(read.get(partition));
      assertThat(firstDifference(expected, actual)).as("partition %d", partition).isEmpty();
      assertThat(actual).as("partition %d", partition).isSorted().doesNotHaveDuplicates();
    }
  }

  /** A report of thousands of numbers hides the few that matter. */
  private static String firstDifference(List<Long> acknowledged, List<Long> read) {
    int common = Math.min(acknowledged.size(), read.size());
    int at = 0;
    while (at < common && acknowledged.get(at).equals(read.get(at))) {
      at++;
    }
    if (at == acknowledged.size() && at == read.size()) {
      return "";
    }
    List<Long> lost = new ArrayList<>(acknowledged);
    lost.removeAll(new HashSet<>(read));
    return "acknowledged %d, read %d; from offset %d on acknowledged %s, read %s; never read: %s"
        .formatted(
            acknowledged.size(),
            read.size(),
            at,
            acknowledged.subList(at, Math.min(at + SHOWN, acknowledged.size())),
            read.subList(at, Math.min(at + SHOWN, read.size())),
            lost.subList(0, Math.min(SHOWN, lost.size())));
  }

  @Override
  public void close() {
    writing = false;
    reading = false;
    join(writer);
    join(reader);
    producer.close();
    consumer.close();
  }

  private void write() {
    for (long number = 0; writing; number++) {
      int partition = (int) (number % partitions);
      long sent = number;
      producer.send(
          new ProducerRecord(
              topic,
              partition,
              null,
              Long.toString(number).getBytes(UTF_8),
              List.of(),
              ProducerRecord.NOW),
          (metadata, failure) -> {
            if (failure != null) {
              failures.add(failure);
            } else {
              acknowledged.get(partition).add(sent);
              writes.happened(partition);
              written.incrementAndGet();
            }
          });
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void read() {
    List<TopicPartition> assignment =
        IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).toList();
    try {
      consumer.assign(assignment);
      consumer.seekToBeginning(assignment);
      long[] nextOffset = new long[partitions];
      while (reading) {
        for (ConsumerRecord record : consumer.poll(Duration.ofMillis(100))) {
          assertThat(record.offset()).isEqualTo(nextOffset[record.partition()]++);
          read.get(record.partition()).add(Long.parseLong(new String(record.value(), UTF_8)));
          reads.happened(record.partition());
        }
      }
    } catch (RuntimeException | AssertionError e) {
      failures.add(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The longest time between two events of a partition. */
  private static final class Gaps {
    private final AtomicLongArray lastNanos;
    private final AtomicLong longestNanos = new AtomicLong();

    Gaps(int partitions) {
      lastNanos = new AtomicLongArray(partitions);
      begin();
    }

    void begin() {
      for (int partition = 0; partition < lastNanos.length(); partition++) {
        lastNanos.set(partition, System.nanoTime());
      }
      longestNanos.set(0);
    }

    void happened(int partition) {
      long now = System.nanoTime();
      long gap = now - lastNanos.getAndSet(partition, now);
      longestNanos.accumulateAndGet(gap, Math::max);
    }

    long longestMs() {
      return TimeUnit.NANOSECONDS.toMillis(longestNanos.get());
    }
  }
}
