package io.highwater.client.cli;

import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.ConsumerRecords;
import io.highwater.proto.TopicPartition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Reads a whole topic and enters every record into the ledger. */
final class ReadBack {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long SILENCE_SECONDS = 30;

  private final Consumer consumer;
  private final AckLedger ledger;
  private final Progress progress;

  ReadBack(Consumer consumer, AckLedger ledger, Progress progress) {
    this.consumer = consumer;
    this.ledger = ledger;
    this.progress = progress;
  }

  /**
   * Reads until everything that is committed and everything that was acknowledged has been seen.
   *
   * @throws CliFailure TIMED_OUT when nothing comes though more should
   */
  void run(String topic, long expectedRecords) {
    List<TopicPartition> partitions = consumer.partitionsOf(topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long read = 0;
    long lastNanos = System.nanoTime();
    while (!partitions.stream().allMatch(partition -> isDone(partition, ends))) {
      ConsumerRecords records = consumer.poll(POLL);
      for (ConsumerRecord record : records) {
        ledger.consumed(
            record.partition(),
            record.offset(),
            AckLedger.fingerprint(record.key(), record.value()));
        read++;
      }
      progress.at(
          expectedRecords == 0 ? 1 : Math.min(1, (double) read / expectedRecords),
          "records read back",
          read);
      if (!records.isEmpty()) {
        lastNanos = System.nanoTime();
      } else if (System.nanoTime() - lastNanos > TimeUnit.SECONDS.toNanos(SILENCE_SECONDS)) {
        throw new CliFailure(
            "TIMED_OUT",
            read
                + " of "
                + expectedRecords
                + " records came back, then none for "
                + SILENCE_SECONDS
                + " s");
      }
    }
  }

  private boolean isDone(TopicPartition partition, Map<TopicPartition, Long> ends) {
    long end = Math.max(ends.get(partition), ledger.endOffset(partition.partition()));
    return consumer.position(partition) >= end;
  }
}
