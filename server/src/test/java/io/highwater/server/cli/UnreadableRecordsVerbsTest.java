package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordHeader;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceRequest;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.server.HighwaterServer;
import io.highwater.server.ServerConfig;
import io.highwater.server.config.Listener;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users are told of records that cannot be read, and how they get at the rest: a topic whose
 * second batch of four is sound outside alone, and a copy of its directory whose third is damaged.
 */
class UnreadableRecordsVerbsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SEGMENT = "00000000000000000000.log";
  private static final long TIME = 1_700_000_000_000L;

  @TempDir static Path root;

  private static HighwaterServer broker;
  private static String bootstrap;
  private static ManagedChannel channel;
  private static Path partition;

  /** Holds the topic's files with one byte changed. */
  private static Path damaged;

  @BeforeAll
  static void start() throws IOException {
    broker =
        new HighwaterServer(
            ServerConfig.of(
                Map.of(
                    "log.dirs",
                    root.resolve("data").toString(),
                    "listeners",
                    "CLIENTS://127.0.0.1:0")));
    broker.start();
    bootstrap = broker.address(Listener.CLIENTS).toString();
    channel = ManagedChannelBuilder.forTarget(bootstrap).usePlaintext().build();
    verb("topic", "create", "t", "--config", "records.validation=header");
    produce(batch(Codec.GZIP, "one", "two"));
    produce(garbage());
    ByteBuffer third = batch(Codec.NONE, "five", "six");
    int size = third.remaining();
    produce(third);
    produce(batch(Codec.GZIP, "seven", "eight"));
    partition = root.resolve("data/t-0");
    damaged = Files.createDirectories(root.resolve("copy/t-0"));
    Files.copy(partition.resolve(SEGMENT), damaged.resolve(SEGMENT));
    int fourth = batch(Codec.GZIP, "seven", "eight").remaining();
    try (RandomAccessFile file = new RandomAccessFile(damaged.resolve(SEGMENT).toFile(), "rw")) {
      file.seek(file.length() - fourth - size + BatchLayout.HEADER_BYTES);
      file.write(77);
    }
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    broker.close();
  }

  private static Shell.Result verb(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--bootstrap=" + bootstrap);
    return Shell.run(all.toArray(String[]::new));
  }

  private static ByteBuffer batch(Codec codec, String... values) {
    BatchBuilder builder = new BatchBuilder(codec, 1 << 20);
    for (int i = 0; i < values.length; i++) {
      builder.append(
          TIME + i,
          ("key of " + values[i]).getBytes(UTF_8),
          values[i].getBytes(UTF_8),
          List.of(new RecordHeader("n", new byte[] {(byte) i})));
    }
    return builder.build();
  }

  /** Says gzip, and is not. */
  private static ByteBuffer garbage() {
    ByteBuffer batch = batch(Codec.NONE, "three", "four");
    batch.putShort(BatchLayout.ATTRIBUTES, (short) Codec.GZIP.id());
    CRC32C crc = new CRC32C();
    crc.update(batch.duplicate().position(BatchLayout.ATTRIBUTES));
    batch.putInt(BatchLayout.CRC, (int) crc.getValue());
    return batch;
  }

  private static void produce(ByteBuffer batch) {
    ProduceAck ack =
        ProduceServiceGrpc.newBlockingStub(channel)
            .produce(
                ProduceRequest.newBuilder()
                    .setAcks(Acks.ACKS_ALL)
                    .addBatches(
                        PartitionBatch.newBuilder()
                            .setTopic("t")
                            .setLeaderEpoch(-1)
                            .setRecords(ByteString.copyFrom(batch)))
                    .build())
            .getAcks(0);
    assertThat(ack.getErrorValue()).as(ack.getErrorMessage()).isZero();
  }

  @Test
  void readersStopUnlessTheyPassOverThemAndSayWhich() {
    Shell.Result stopped = verb("consume", "t", "--until-end");
    assertThat(stopped.exitCode()).isEqualTo(1);
    assertThat(stopped.text()).isEqualTo("one\ntwo\n");
    assertThat(stopped.err()).matches("highwater: CORRUPT_MESSAGE: [^\\n]+\\n");

    Shell.Result passed = verb("consume", "t", "--until-end", "--skip-corrupt");
    assertThat(passed.exitCode()).as(passed.err()).isZero();
    assertThat(passed.text()).isEqualTo("one\ntwo\nfive\nsix\nseven\neight\n");
    assertThat(passed.err())
        .matches("highwater: CORRUPT_MESSAGE: t-0: offsets 2 to 3 cannot be read [^\\n]+\\n");
  }

  @Test
  void verifyReadsRecordsUnlessToldNotTo() throws IOException {
    Shell.Result read = Shell.run("log", "verify", partition.toString());
    assertThat(read.exitCode()).isEqualTo(1);
    assertThat(read.text()).contains("the records at offsets 2 to 3 cannot be read: ");
    assertThat(read.text())
        .endsWith(
            "1 partitions, 1 segments, 4 batches, "
                + Files.size(partition.resolve(SEGMENT))
                + " bytes: 1 problems\n");
    assertThat(read.err()).startsWith("highwater: CORRUPT_MESSAGE: ");

    Shell.Result glanced = Shell.run("log", "verify", "--no-records", partition.toString());
    assertThat(glanced.exitCode()).as(glanced.text() + glanced.err()).isZero();
    assertThat(glanced.text()).endsWith("bytes: sound\n");
  }

  @Test
  void aDryRunSaysWhatThereIsAndWritesNothing() throws IOException {
    byte[] before = Files.readAllBytes(damaged.resolve(SEGMENT));

    Shell.Result text = Shell.run("log", "salvage", damaged.toString(), "--dry-run");
    assertThat(text.exitCode()).as(text.err()).isZero();
    assertThat(text.text())
        .contains(": intact 2 batches, 4 records, offsets 0 to 1, 6 to 7\n")
        .contains("bytes: the batch at offset 4 fails its CRC\n")
        .contains("  missing offsets 4 to 5\n")
        .containsPattern("  not readable at position \\d+, offsets 2 to 3: ")
        .endsWith("nothing written, a dry run\n");
    JsonNode json =
        JSON.readTree(
            Shell.run("log", "salvage", damaged.toString(), "--dry-run", "--output=json").out());
    assertThat(json.at("/segments/0/intact/records").asInt()).isEqualTo(4);
    assertThat(json.at("/segments/0/missing/0/firstOffset").asInt()).isEqualTo(4);
    assertThat(json.at("/segments/0/damaged/0/bytes").asInt())
        .isEqualTo(batch(Codec.NONE, "five", "six").remaining());
    assertThat(json.path("brokerRuns").asBoolean(true)).isFalse();
    assertThat(damaged.toFile().list()).hasSize(1);
    assertThat(Files.readAllBytes(damaged.resolve(SEGMENT))).isEqualTo(before);
  }

  @Test
  void theRestGoesToLinesAsTheyAreConsumed() throws IOException {
    Path file = root.resolve("rest.jsonl");

    Shell.Result salvaged = salvage(file.toString());
    assertThat(salvaged.exitCode()).as(salvaged.err()).isZero();
    assertThat(salvaged.text()).endsWith("written to " + file + ": 4 records\n");

    List<String> consumed =
        verb("consume", "t", "--until-end", "--skip-corrupt", "--output=json")
            .text()
            .lines()
            .filter(line -> !line.contains("\"five\"") && !line.contains("\"six\""))
            .toList();
    assertThat(Files.readAllLines(file)).isEqualTo(consumed);
    assertThat(salvage(file.toString()).err())
        .isEqualTo("highwater: INVALID_REQUEST: " + file + " is there already\n");
    assertThat(Files.readAllLines(file)).isEqualTo(consumed);
  }

  @Test
  void theRestGoesToAFileBatchByBatch() throws IOException {
    Path file = Files.createDirectories(root.resolve("batches")).resolve(SEGMENT);

    assertThat(salvage(file.toString()).exitCode()).isZero();

    byte[] all = Files.readAllBytes(partition.resolve(SEGMENT));
    int fourth = batch(Codec.GZIP, "seven", "eight").remaining();
    int third = batch(Codec.NONE, "five", "six").remaining();
    ByteBuffer expected = ByteBuffer.allocate(all.length - third);
    expected.put(all, 0, all.length - third - fourth).put(all, all.length - fourth, fourth);
    assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    assertThat(Shell.run("log", "dump", file.toString()).text()).contains("value: eight ");
  }

  @Test
  void theRestGoesToATopicWithKeysHeadersAndTimestamps() {
    verb("topic", "create", "rest", "--partitions", "2");

    Shell.Result salvaged = salvage("rest");
    assertThat(salvaged.exitCode()).as(salvaged.err()).isZero();
    assertThat(salvaged.text()).endsWith("written to rest: 4 records\n");
    String form = "%p %o %t %k %v";
    assertThat(verb("consume", "rest", "--until-end", "--format", form).text())
        .isEqualTo(
            "0 0 "
                + TIME
                + " key of one one\n"
                + "0 1 "
                + (TIME + 1)
                + " key of two two\n"
                + "0 2 "
                + TIME
                + " key of seven seven\n"
                + "0 3 "
                + (TIME + 1)
                + " key of eight eight\n");
    assertThat(verb("consume", "rest", "--until-end", "--output=json").text())
        .contains("\"headers\":[{\"key\":\"n\"");

    assertThat(salvage("rest", "--partition=1").exitCode()).isZero();
    assertThat(verb("consume", "rest", "--until-end", "--partition=1").text())
        .isEqualTo("one\ntwo\nseven\neight\n");
    assertThat(salvage("rest", "--partition=2"))
        .satisfies(refused -> assertThat(refused.exitCode()).isEqualTo(1))
        .satisfies(
            refused ->
                assertThat(refused.err()).startsWith("highwater: UNKNOWN_TOPIC_OR_PARTITION: "));
  }

  @Test
  void besideABrokerItIsSaidAndWithinTheDirectoryNothingIsWritten() throws IOException {
    Shell.Result beside = Shell.run("log", "salvage", partition.toString(), "--dry-run");
    assertThat(beside.exitCode()).isZero();
    assertThat(beside.err()).contains("a broker runs on the data directory");

    Shell.Result within = salvage(damaged.resolve("rest.log").toString());
    assertThat(within.exitCode()).isEqualTo(1);
    assertThat(within.err()).startsWith("highwater: INVALID_REQUEST: ");
    assertThat(damaged.toFile().list()).hasSize(1);
    assertThat(Shell.run("log", "salvage", damaged.toString()).exitCode()).isEqualTo(2);
    assertThat(Shell.run("log", "salvage", root.toString(), "--dry-run").err())
        .startsWith("highwater: INVALID_REQUEST: ");
  }

  private static Shell.Result salvage(String to, String... more) {
    List<String> args = new ArrayList<>(List.of("log", "salvage", damaged.toString(), "--to", to));
    args.addAll(List.of(more));
    return verb(args.toArray(String[]::new));
  }
}
