package io.highwater.perf.highwater;

import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.RecordVisitor;
import java.time.Duration;

/** A consumer of all partitions of a topic. */
final class ConsumerSource implements RecordSource {
  private static final byte[] NOTHING = {};

  private final Consumer consumer;

  ConsumerSource(Consumer consumer) {
    this.consumer = consumer;
  }

  @Override
  public int poll(Duration timeout, RecordVisitor visitor) {
    int count = 0;
    for (ConsumerRecord record : consumer.poll(timeout)) {
      byte[] value = record.value() == null ? NOTHING : record.value();
      visitor.record(record.partition(), record.offset(), value, 0, value.length);
      count++;
    }
    return count;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
