package io.highwater.log.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.Batches;
import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.checkpoint.Base64Uuid;
import io.highwater.log.compact.CleanerBuffers;
import io.highwater.log.compact.CompactionConfig;
import io.highwater.log.compact.CompactionReport;
import io.highwater.log.compact.IoThrottle;
import io.highwater.log.compact.LogCompaction;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's own tools and classes are the judge of our formats. */
class KafkaReadsOurFilesTest {
  private static final UUID TOPIC_ID = new UUID(0x1234_5678_9abc_def0L, 0x0fed_cba9_8765_4321L);
  private static final UUID DIRECTORY_ID = new UUID(7, 8);
  private static final TopicPartition PARTITION = new TopicPartition("orders", 3);
  private static final String DUMP = "org.apache.kafka.tools.DumpLogSegments";

  @TempDir Path scratch;
  private Path root;
  private long records;

  @BeforeEach
  void writeALog() {
    root = scratch.resolve("data");
    LogConfig config = new LogConfig(8 << 10, 1_000_000, 512, 1 << 20, 8 << 10, 1_000_000);
    LogDirectory directory =
        LogDirectory.open(root, new FileStorage(), () -> 1_700_000_000_000L, 4, () -> DIRECTORY_ID);
    directory.joinCluster("a-cluster");
    PartitionLog log = directory.openOrCreate(PARTITION, TOPIC_ID, config);
    int sequence = 0;
    for (int round = 0; round < 60; round++) {
      // Timestamps go back now and then: the time index holds the greatest so far.
      long timestamp = 1_700_000_000_000L + round * 1000L - (round % 7 == 3 ? 5000 : 0);
      for (Codec codec : Codec.values()) {
        String value = (codec + "-" + round + "-").repeat(1 + round % 9);
        log.appendAsLeader(
            Batches.build(codec, timestamp, 42, (short) 1, sequence, value, value, "x"),
            round / 20);
        sequence += 3;
        records += 3;
      }
      log.appendAsLeader(Batches.produced(100 + round % 3, 0, round / 3, "y"), round / 20);
      records++;
    }
    log.advanceHighWatermark(records - 1);
    directory.closeCleanly(77);
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(PARTITION.toString()))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static String joined(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(","));
  }

  @Test
  void dumpLogSegmentsFindsEveryRecordOfEveryCodec() throws Exception {
    List<Path> logs = files(".log");
    assertThat(logs).hasSizeGreaterThan(3);

    String dump =
        KafkaTools.run(
            scratch, DUMP, "--deep-iteration", "--print-data-log", "--files", joined(logs));

    Matcher offsets = Pattern.compile("^\\| offset: (\\d+) ", Pattern.MULTILINE).matcher(dump);
    long expected = 0;
    while (offsets.find()) {
      assertThat(Long.parseLong(offsets.group(1))).isEqualTo(expected++);
    }
    assertThat(expected).isEqualTo(records);
    assertThat(dump).contains("isvalid: true").doesNotContain("isvalid: false");
    for (Codec codec : Codec.values()) {
      assertThat(dump)
          .contains("compresscodec: " + codec.name().toLowerCase(java.util.Locale.ROOT));
    }
    assertThat(dump).contains("partitionLeaderEpoch: 2", "producerId: 42 producerEpoch: 1");
  }

  @Test
  void dumpLogSegmentsFindsNoMismatchInTheIndexes() throws Exception {
    List<Path> indexes = files("index");
    assertThat(Files.size(indexes.get(0))).isGreaterThan(16);

    String dump = KafkaTools.run(scratch, DUMP, "--files", joined(indexes));

    assertThat(dump).contains("offset: ", "position: ", "timestamp: ");
    assertThat(dump).doesNotContainIgnoringCase("mismatch").doesNotContainIgnoringCase("error");
    assertThat(dump).doesNotContain("not found", "out of order", "Found timestamp");
    String checked =
        KafkaTools.run(scratch, DUMP, "--index-sanity-check", "--files", joined(indexes));
    assertThat(checked.lines().filter(line -> line.endsWith("passed sanity check.")).count())
        .isEqualTo(indexes.size());
  }

  /** CMP-1, CMP-3: what compaction leaves has gaps, and delete horizons, yet no fault. */
  @Test
  void dumpLogSegmentsFindsNoMismatchInWhatCompactionLeft() throws Exception {
    root = scratch.resolve("compacted");
    CompactionReport report = writeACompactedLog();
    assertThat(report.complete()).isTrue();
    assertThat(report.recordsOut()).isLessThan(report.recordsIn() / 2);
    List<Path> logs = files(".log");
    assertThat(logs).hasSizeGreaterThan(2);

    String dump =
        KafkaTools.run(
            scratch, DUMP, "--deep-iteration", "--print-data-log", "--files", joined(logs));

    Matcher found = Pattern.compile("^\\| offset: (\\d+) .*$", Pattern.MULTILINE).matcher(dump);
    List<String> cleaned = new ArrayList<>();
    long next = 0;
    boolean gaps = false;
    while (found.find()) {
      long offset = Long.parseLong(found.group(1));
      assertThat(offset).isGreaterThanOrEqualTo(next);
      gaps |= offset > next;
      next = offset + 1;
      if (offset < report.cleanedTo()) {
        cleaned.add(found.group().replaceAll(".* key: (\\S+).*", "$1"));
      }
    }
    assertThat(gaps).isTrue();
    assertThat(next).isEqualTo(records);
    assertThat(cleaned).hasSize((int) report.recordsOut()).doesNotHaveDuplicates();
    assertThat(dump).contains("key: gone", "deleteHorizonMs: OptionalLong[");
    assertThat(dump).contains("isvalid: true").doesNotContain("isvalid: false");
    for (Codec codec : Codec.values()) {
      assertThat(dump)
          .contains("compresscodec: " + codec.name().toLowerCase(java.util.Locale.ROOT));
    }
    assertThat(dump).doesNotContainIgnoringCase("mismatch").doesNotContain("Exception");

    List<Path> indexes = files("index");
    assertThat(Files.size(indexes.get(0))).isGreaterThan(16);
    dump = KafkaTools.run(scratch, DUMP, "--files", joined(indexes));
    assertThat(dump).contains("offset: ", "position: ", "timestamp: ");
    assertThat(dump).doesNotContainIgnoringCase("mismatch").doesNotContainIgnoringCase("error");
    assertThat(dump).doesNotContain("not found", "out of order", "Found timestamp");
    dump = KafkaTools.run(scratch, DUMP, "--index-sanity-check", "--files", joined(indexes));
    assertThat(dump.lines().filter(line -> line.endsWith("passed sanity check.")).count())
        .isEqualTo(indexes.size());
  }

  /** Many keys of which most come again, in every codec, and one that is deleted. */
  private CompactionReport writeACompactedLog() throws IOException {
    LogConfig config =
        new LogConfig(8 << 10, 1_000_000, 512, 1 << 20, 8 << 10, 1_000_000)
            .withCompaction(new CompactionConfig(true, 0, 0, Long.MAX_VALUE, 100_000));
    LogDirectory directory =
        LogDirectory.open(root, new FileStorage(), () -> 1_700_000_000_000L, 4, () -> DIRECTORY_ID);
    PartitionLog log = directory.openOrCreate(PARTITION, TOPIC_ID, config);
    records = 0;
    for (int i = 0; i < 400; i++) {
      BatchBuilder batch = new BatchBuilder(List.of(Codec.values()).get(i % 5), 8 << 10);
      for (String key : List.of("often" + i % 9, "once" + i, "often" + i % 7)) {
        byte[] value = ("value " + i + " ").repeat(10).getBytes(UTF_8);
        batch.append(1_700_000_000_000L + i, key.getBytes(UTF_8), value, List.of());
      }
      if (i % 3 == 0) {
        batch.append(1_700_000_000_000L + i, "gone".getBytes(UTF_8), null, List.of());
      }
      records = log.appendAsLeader(batch.build(), 0).lastOffset() + 1;
    }
    log.advanceHighWatermark(records);
    LogCompaction compaction = log.compaction();
    CleanerBuffers buffers =
        new CleanerBuffers(1 << 20, 0.9, 4 << 10, new Random(1), IoThrottle.NONE);
    CompactionReport report = compaction.run(compaction.liveBatches(), buffers).orElseThrow();
    directory.closeCleanly(77);
    return report;
  }

  @Test
  void dumpLogSegmentsReadsTheProducerSnapshots() throws Exception {
    List<Path> snapshots = files(".snapshot");
    assertThat(snapshots).hasSizeGreaterThan(3);

    String dump = KafkaTools.run(scratch, DUMP, "--files", joined(snapshots));

    assertThat(dump)
        .contains("producerId: 42 producerEpoch: 1 coordinatorEpoch: -1")
        .contains("producerId: 101 producerEpoch: 0")
        .contains("lastSequence: 899");
    assertThat(dump).doesNotContainIgnoringCase("corrupt").doesNotContain("Exception");
  }

  @Test
  void kafkasOwnClassesReadTheStateFiles() throws Exception {
    Path program = Path.of("src", "test", "kafka-tools", "ReadStateFiles.java").toAbsolutePath();
    String checkpoints =
        "recovery-point-offset-checkpoint,replication-offset-checkpoint,log-start-offset-checkpoint";

    String read =
        KafkaTools.run(
            scratch, program.toString(), root.toString(), PARTITION.toString(), checkpoints);

    assertThat(read)
        .contains("recovery-point-offset-checkpoint {orders-3=" + records + "}")
        .contains("replication-offset-checkpoint {orders-3=" + (records - 1) + "}")
        .contains("log-start-offset-checkpoint {}")
        .contains("EpochEntry[epoch=0, startOffset=0]")
        .contains("EpochEntry[epoch=2, startOffset=640]")
        .contains("topicId " + Base64Uuid.encode(TOPIC_ID))
        .contains("brokerEpoch 77")
        .contains("a-cluster")
        .contains(Base64Uuid.encode(DIRECTORY_ID));
  }

  @Test
  void dumpLogSegmentsReadsTransactionsInEveryFile() throws Exception {
    LogConfig config = new LogConfig(8 << 10, 1_000_000, 512, 1 << 20, 8 << 10, 1_000_000);
    Path other = scratch.resolve("followed");
    LogDirectory directory =
        LogDirectory.open(other, new FileStorage(), () -> 1_000_000, 4, () -> DIRECTORY_ID);
    PartitionLog log = directory.openOrCreate(PARTITION, TOPIC_ID, config);
    for (int i = 0; i < 120; i++) {
      follow(log, Batches.transactional(7, 0, i, "v".repeat(100)));
      if (i % 2 == 1) {
        follow(log, Batches.marker(7, 0, i % 4 == 1, 5));
      }
    }
    follow(log, Batches.transactional(8, 0, 0, "open"));
    long end = log.logEndOffset();
    directory.closeCleanly(77);

    root = other;
    assertThat(files(".txnindex")).hasSizeGreaterThan(2);
    String dump = KafkaTools.run(scratch, DUMP, "--files", joined(files(".txnindex")));
    assertThat(dump)
        .contains("version: 0 producerId: 7 firstOffset: 0 lastOffset: 2 lastStableOffset: 3")
        .doesNotContainIgnoringCase("corrupt")
        .doesNotContain("Exception");
    assertThat(dump.lines().filter(line -> line.startsWith("version: 0"))).hasSize(30);

    List<Path> snapshots = files(".snapshot");
    String last = KafkaTools.run(scratch, DUMP, "--files", joined(snapshots));
    assertThat(last)
        .contains("coordinatorEpoch: 5 currentTxnFirstOffset: OptionalLong.empty")
        .contains("coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong[" + (end - 1) + "]");
    String logs =
        KafkaTools.run(scratch, DUMP, "--print-data-log", "--files", joined(files(".log")));
    assertThat(logs)
        .contains("endTxnMarker: ABORT coordinatorEpoch: 5")
        .contains("endTxnMarker: COMMIT")
        .doesNotContain("isvalid: false");
    List<Path> indexes = files(".index");
    indexes = Stream.concat(indexes.stream(), files(".timeindex").stream()).toList();
    assertThat(KafkaTools.run(scratch, DUMP, "--index-sanity-check", "--files", joined(indexes)))
        .doesNotContainIgnoringCase("mismatch")
        .contains("passed sanity check.");
  }

  private static void follow(PartitionLog log, ByteBuffer batch) {
    log.appendAsFollower(Batches.stamped(batch, log.logEndOffset(), 0), log.logEndOffset(), 0);
  }
}
