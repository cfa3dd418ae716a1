package io.highwater.peers.kafka;

import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A producer and its topic. */
final class KafkaSink implements RecordSink {
  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private SendCompletion shared;
  private Callback sharedCallback;

  KafkaSink(KafkaProducer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    producer.send(
        new ProducerRecord<>(
            topic, partition == ANY_PARTITION ? null : Integer.valueOf(partition), null, payload),
        callback(token, completion));
  }

  @Override
  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }

  private Callback callback(long token, SendCompletion completion) {
    if (token != SendCompletion.NO_TOKEN) {
      return (metadata, failure) -> completion.completed(token, failure);
    }
    if (shared != completion) {
      shared = completion;
      sharedCallback =
          (metadata, failure) -> completion.completed(SendCompletion.NO_TOKEN, failure);
    }
    return sharedCallback;
  }
}
