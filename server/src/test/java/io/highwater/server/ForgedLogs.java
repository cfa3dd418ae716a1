package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.highwater.client.PartitionDescription;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.proto.Acks;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;

/** Topics of three brokers, in whose files sound batches take the place of others. */
record ForgedLogs(ThreeBrokers cluster) {
  /** About 280 bytes each, in segments of 4 KiB. */
  static final int BATCHES = 60;

  /** In the first segment. */
  static final int SEALED = 5;

  /** Creates a topic of one partition with batches that all replicas have. */
  void fill(String topic, int replicas, int minIsr) {
    cluster.createTopic(
        topic,
        replicas,
        Map.of(
            "min.insync.replicas", Integer.toString(minIsr),
            "max.message.bytes", "4096",
            "segment.bytes", "4096"));
    awaitInSync(topic, replicas);
    try (Producer producer =
        Producer.builder().bootstrap(cluster.bootstrap()).acks(Acks.ALL).build()) {
      for (int i = 0; i < BATCHES; i++) {
        byte[] value = (topic + i + "-".repeat(200)).getBytes(UTF_8);
        CompletableFuture<?> sent =
            producer.send(new ProducerRecord(topic, 0, null, value, List.of(), ProducerRecord.NOW));
        sent.join(); // So each is a batch.
      }
    }
    PartitionDescription partition = cluster.describe(topic);
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .until(
            () ->
                partition.replicas().stream()
                        .map(id -> Arrays.hashCode(bytes(id, topic)))
                        .distinct()
                        .count()
                    == 1);
    assertThat(segments(directory(partition.leaderId(), topic))).hasSizeGreaterThan(2);
  }

  void awaitInSync(String topic, int replicas) {
    await()
        .atMost(ThreeBrokers.PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(cluster.describe(topic).inSyncReplicas()).hasSize(replicas));
  }

  /** Waits until a log that differs lies aside; returns where. */
  Path awaitStray(int broker, String topic) {
    return await()
        .atMost(ThreeBrokers.PATIENCE)
        .until(() -> strays(broker, topic), strays -> strays.size() == 1)
        .get(0);
  }

  private List<Path> strays(int broker, String topic) {
    return list(
        cluster.directory(broker),
        name -> name.startsWith(topic + "-0.") && name.endsWith("-stray"));
  }

  private Path directory(int broker, String topic) {
    return cluster.directory(broker).resolve(topic + "-0");
  }

  /** Of all segments of a replica. */
  byte[] bytes(int broker, String topic) {
    return bytes(directory(broker, topic));
  }

  static byte[] bytes(Path directory) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    segments(directory).forEach(segment -> bytes.writeBytes(read(segment)));
    return bytes.toByteArray();
  }

  /** Another batch takes the place of one: as long, with a CRC that is right. */
  void forge(int broker, String topic, int number) {
    BatchView batch = new BatchView();
    int left = number;
    for (Path segment : segments(directory(broker, topic))) {
      UnsafeBuffer bytes = new UnsafeBuffer(read(segment));
      for (int at = 0; at < bytes.capacity(); at += batch.wrap(bytes, at).sizeInBytes()) {
        if (left-- == 0) {
          forge(bytes.byteArray(), at, batch.wrap(bytes, at).sizeInBytes());
          overwrite(segment, bytes.byteArray());
          return;
        }
      }
    }
    throw new AssertionError("there is no batch " + number);
  }

  private static void forge(byte[] bytes, int at, int size) {
    bytes[at + size - 2] ^= 1; // The value's last byte; no header comes behind it.
    CRC32C crc = new CRC32C();
    crc.update(bytes, at + BatchLayout.ATTRIBUTES, size - BatchLayout.ATTRIBUTES);
    new UnsafeBuffer(bytes)
        .putInt(at + BatchLayout.CRC, (int) crc.getValue(), ByteOrder.BIG_ENDIAN);
  }

  private static List<Path> segments(Path directory) {
    return list(directory, name -> name.endsWith(".log"));
  }

  private static List<Path> list(Path directory, Predicate<String> names) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> names.test(file.getFileName().toString())).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void overwrite(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
