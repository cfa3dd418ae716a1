package io.highwater.perf.highwater;

import io.highwater.client.consumer.Consumer;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerBuilder;
import io.highwater.perf.load.LoadTarget;
import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.RecordSource;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import io.highwater.proto.Acks;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.util.List;
import java.util.Locale;

/** Highwater, through its producer and consumer. */
public final class HighwaterTarget implements LoadTarget {
  @Override
  public RecordSink sink(SinkConfig config) {
    ProducerBuilder builder =
        Producer.builder()
            .bootstrap(config.bootstrap())
            .acks(acks(config.acks()))
            .compression(Codec.valueOf(config.codec().toUpperCase(Locale.ROOT)))
            .batchBytes(config.batchBytes())
            .lingerMs(config.lingerMs())
            .bufferBytes(config.bufferBytes());
    if (config.inFlight() > 0) {
      builder.maxInFlightPerPartition(config.inFlight());
    }
    return new ProducerSink(builder.build(), config.topic());
  }

  @Override
  public RecordSource source(SourceConfig config) {
    Consumer consumer = Consumer.builder().bootstrap(config.bootstrap()).build();
    List<TopicPartition> partitions = consumer.partitionsOf(config.topic());
    consumer.assign(partitions);
    if (config.fromBeginning()) {
      consumer.seekToBeginning(partitions);
    } else {
      consumer.seekToEnd(partitions);
    }
    return new ConsumerSource(consumer);
  }

  @Override
  public void close() {
    // Each client has its own connections.
  }

  private static Acks acks(String text) {
    return switch (text) {
      case "0" -> Acks.NONE;
      case "1" -> Acks.LEADER;
      case "all" -> Acks.ALL;
      default -> throw new IllegalArgumentException("acks '" + text + "' is not 0, 1 or all");
    };
  }
}
