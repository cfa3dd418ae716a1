package io.highwater.peers.kafka;

import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka, through its producer and consumer. What a spec does not name has Kafka's default, apart
 * from the pauses between tries, which are those of Highwater's client, and idempotence, which
 * comes with acks=all only, as there.
 */
public final class KafkaTarget implements LoadTarget {
  private static final String FIRST_PAUSE_MS = "20";
  private static final String LAST_PAUSE_MS = "250";

  @Override
  public RecordSink sink(SinkConfig config) {
    Map<String, Object> settings = connection(config.bootstrap());
    settings.put("acks", config.acks());
    settings.put("enable.idempotence", config.acks().equals("all"));
    settings.put("compression.type", config.codec());
    settings.put("batch.size", config.batchBytes());
    settings.put("linger.ms", config.lingerMs());
    settings.put("buffer.memory", config.bufferBytes());
    if (config.inFlight() > 0) {
      settings.put("max.in.flight.requests.per.connection", config.inFlight());
    }
    return new KafkaSink(
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
        config.topic());
  }

  @Override
  public RecordSource source(SourceConfig config) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            connection(config.bootstrap()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(config.topic()).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    consumer.assign(partitions);
    if (config.fromBeginning()) {
      consumer.seekToBeginning(partitions);
    } else {
      consumer.seekToEnd(partitions);
    }
    // Seeking is lazy until a position is asked for.
    partitions.forEach(consumer::position);
    return new KafkaSource(consumer);
  }

  @Override
  public void close() {
    // Each client has its own connections.
  }

  private static Map<String, Object> connection(String bootstrap) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("reconnect.backoff.ms", FIRST_PAUSE_MS);
    settings.put("reconnect.backoff.max.ms", LAST_PAUSE_MS);
    settings.put("retry.backoff.ms", FIRST_PAUSE_MS);
    settings.put("retry.backoff.max.ms", LAST_PAUSE_MS);
    return settings;
  }
}
