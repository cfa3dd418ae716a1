package io.highwater.perf.highwater;

import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.SendCallback;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import java.util.List;

/** A producer and its topic. */
final class ProducerSink implements RecordSink {
  private final Producer producer;
  private final String topic;
  private SendCompletion shared;
  private SendCallback sharedCallback;

  ProducerSink(Producer producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    producer.send(
        new ProducerRecord(
            topic,
            partition == ANY_PARTITION ? null : Integer.valueOf(partition),
            null,
            payload,
            List.of(),
            ProducerRecord.NOW),
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

  private SendCallback callback(long token, SendCompletion completion) {
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
