package io.highwater.peers.kafka;

import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.RecordVisitor;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** A consumer of all partitions of a topic. */
final class KafkaSource implements RecordSource {
  private static final byte[] NOTHING = {};

  private final KafkaConsumer<byte[], byte[]> consumer;

  KafkaSource(KafkaConsumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  @Override
  public int poll(Duration timeout, RecordVisitor visitor) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(timeout);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      byte[] value = record.value() == null ? NOTHING : record.value();
      visitor.record(record.partition(), record.offset(), value, 0, value.length);
    }
    return records.count();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
