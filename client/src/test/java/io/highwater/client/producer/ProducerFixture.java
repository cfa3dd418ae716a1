package io.highwater.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.highwater.client.fake.FakeCluster;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** A producer over real sockets, beside brokers that fail on demand. */
abstract class ProducerFixture {
  static final TopicPartition FIRST = new TopicPartition("orders", 0);

  final FakeCluster cluster = new FakeCluster(2, 1);

  @AfterEach
  void closeCluster() {
    cluster.close();
  }

  ProducerBuilder producer() {
    return Producer.builder().bootstrap(cluster.bootstrap()).lingerMs(1);
  }

  static ProducerRecord record(int partition, String value) {
    return new ProducerRecord(
        "orders", partition, null, value.getBytes(UTF_8), List.of(), ProducerRecord.NOW);
  }

  static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> "record " + i).toList();
  }

  static List<CompletableFuture<RecordMetadata>> sendAll(Producer producer, int count) {
    List<CompletableFuture<RecordMetadata>> sends = new ArrayList<>();
    for (String value : numbers(count)) {
      sends.add(producer.send(record(0, value)));
    }
    return sends;
  }

  static HighwaterException failureOf(CompletableFuture<?> send) {
    Throwable thrown = catchThrowable(() -> send.get(20, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return (HighwaterException) thrown.getCause();
  }
}
