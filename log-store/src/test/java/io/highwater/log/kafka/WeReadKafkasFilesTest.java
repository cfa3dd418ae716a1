package io.highwater.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.log.AppendResult;
import io.highwater.log.Batches;
import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.OffsetAtTimestamp;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.log.producer.ProducerState;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The other direction: what Apache Kafka's own log layer wrote is opened, recovered, read and
 * continued.
 */
class WeReadKafkasFilesTest {
  private static final UUID TOPIC_ID = new UUID(0x1234_5678_9abc_def0L, 0x0fed_cba9_8765_4321L);
  private static final TopicPartition PARTITION = new TopicPartition("orders", 3);
  private static final long FIRST_TIME = 1_700_000_000_100L;
  private static final LogConfig CONFIG =
      new LogConfig(8 << 10, 1_000_000, 512, 1 << 20, 8 << 10, 86_400_000);

  @TempDir Path scratch;

  private static LogDirectory directory(KafkaLog kafkas) {
    return LogDirectory.open(
        kafkas.root, new FileStorage(), () -> FIRST_TIME + 60_000, 4, () -> new UUID(7, 8));
  }

  private static PartitionLog open(LogDirectory directory) {
    return directory.openOrCreate(PARTITION, TOPIC_ID, CONFIG);
  }

  /** "offset timestamp value" of every record, as Kafka's side prints them. */
  private static List<String> records(PartitionLog log, Set<Codec> codecs) {
    List<String> found = new ArrayList<>();
    ByteBuffer into = ByteBuffer.allocate(64 << 10);
    BatchView batch = new BatchView();
    try (RecordCursor record = new RecordCursor()) {
      long next = log.logStartOffset();
      while (next < log.logEndOffset()) {
        ReadResult read = log.read(next, Long.MAX_VALUE, into.clear());
        UnsafeBuffer bytes = new UnsafeBuffer(into.array(), 0, read.bytes());
        for (int at = 0; at < read.bytes(); at += batch.wrap(bytes, at).sizeInBytes()) {
          codecs.add(batch.wrap(bytes, at).codec());
          record.wrap(bytes, at);
          while (record.next()) {
            if (record.offset() >= log.logStartOffset()) {
              found.add(record.offset() + " " + record.timestamp() + " " + value(batch, record));
            }
          }
        }
        next = read.endOffset();
      }
    }
    return found;
  }

  private static String value(BatchView batch, RecordCursor record) {
    if (batch.isControl()) {
      return "marker";
    }
    return record.hasValue() ? new String(record.value(), StandardCharsets.UTF_8) : "null";
  }

  /** "id epoch last-sequence last-offset coordinator-epoch transaction-start", as Kafka's side. */
  private static Map<Long, String> producers(PartitionLog log) {
    Map<Long, String> found = new TreeMap<>();
    for (ProducerState state : log.producers().all()) {
      found.put(
          state.producerId(),
          state.producerId()
              + " "
              + state.epoch()
              + " "
              + (state.isEmpty() ? -1 : state.last().lastSequence())
              + " "
              + (state.isEmpty() ? -1 : state.last().lastOffset())
              + " "
              + state.coordinatorEpoch()
              + " "
              + state.transactionStart());
    }
    return found;
  }

  private static void assertSame(PartitionLog log, KafkaLog kafkas) {
    assertThat(log.logEndOffset()).isEqualTo(kafkas.end);
    assertThat(log.recovery().cutBytes()).isZero();
    Set<Codec> codecs = EnumSet.noneOf(Codec.class);
    assertThat(records(log, codecs)).isEqualTo(kafkas.recordsFrom(log.logStartOffset()));
    assertThat(codecs).isEqualTo(EnumSet.allOf(Codec.class));
    assertThat(log.epochs().startingAt(kafkas.start).entries()).isEqualTo(kafkas.epochs);
    assertThat(producers(log)).isEqualTo(kafkas.producers);
    log.advanceHighWatermark(kafkas.end);
    assertThat(log.lastStableOffset()).isEqualTo(kafkas.lastStable);
    assertThat(kafkas.aborted).hasSizeGreaterThan(10);
    assertThat(log.abortedTransactions(kafkas.start, kafkas.end)).isEqualTo(kafkas.aborted);
    assertThat(log.damage()).isEmpty();
  }

  /** REC-4, IDM-3. */
  @ParameterizedTest
  @CsvSource({"clean,0", "killed,0", "clean,200", "killed,450"})
  void aLogThatKafkaWroteIsOpenedReadAndContinued(String ending, long deleteBelow)
      throws Exception {
    KafkaLog kafkas = KafkaLog.write(scratch, ending, deleteBelow);
    assertThat(kafkas.segments).isGreaterThan(2);
    assertThat(kafkas.producers).hasSize(7);
    LogDirectory directory = directory(kafkas);
    assertThat(directory.cleanShutdownEpoch().isPresent()).isEqualTo(ending.equals("clean"));
    assertThat(directory.clusterId().orElse("none"))
        .isEqualTo(ending.equals("clean") ? "kafkas-cluster" : "none");
    PartitionLog log = open(directory);
    if (ending.equals("clean")) {
      assertThat(log.logStartOffset()).isEqualTo(deleteBelow);
    }
    assertSame(log, kafkas);
    for (long offset = log.logStartOffset(); offset < kafkas.end; offset += 37) {
      assertThat(log.read(offset, Long.MAX_VALUE, ByteBuffer.allocate(8 << 10)).endOffset())
          .isGreaterThan(offset);
    }

    producersGoOn(log, kafkas);
    List<String> all = records(log, EnumSet.noneOf(Codec.class));
    Map<Long, String> producers = producers(log);
    directory.closeCleanly(78);

    LogDirectory again = directory(kafkas);
    PartitionLog reopened = open(again);
    assertThat(reopened.recovery().clean()).isTrue();
    assertThat(records(reopened, EnumSet.noneOf(Codec.class))).isEqualTo(all);
    assertThat(producers(reopened)).isEqualTo(producers);
    long cutAt = (reopened.logStartOffset() + kafkas.end) / 2;
    reopened.truncateTo(cutAt);
    assertThat(records(reopened, EnumSet.noneOf(Codec.class)))
        .isEqualTo(all.subList(0, (int) (reopened.logEndOffset() - reopened.logStartOffset())));
    again.closeCleanly(79);
  }

  private static void producersGoOn(PartitionLog log, KafkaLog kafkas) {
    int epoch = log.lastEpoch();
    long last = Long.parseLong(kafkas.producers.get(42L).split(" ", -1)[3]);
    AppendResult retry =
        log.appendAsLeader(
            Batches.build(Codec.NONE, FIRST_TIME, 42, (short) 1, 597, "a", "b", "c"), epoch);
    assertThat(retry).isEqualTo(new AppendResult(last - 2, last, true));
    assertThat(
            log.appendAsLeader(
                Batches.build(Codec.ZSTD, FIRST_TIME, 42, (short) 1, 600, "next"), epoch + 1))
        .isEqualTo(new AppendResult(kafkas.end, kafkas.end, false));
    assertThatThrownBy(() -> log.appendAsLeader(Batches.produced(42, 1, 700, "gap"), epoch + 1))
        .isInstanceOf(HighwaterException.class)
        .extracting(e -> ((HighwaterException) e).code())
        .isEqualTo(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
    // Its batches may be gone with their segment: it is known all the same.
    assertThat(log.appendAsLeader(Batches.produced(300, 3, 2, "loud"), epoch + 1).baseOffset())
        .isEqualTo(kafkas.end + 1);
  }

  @Test
  void timesAreFoundInWhatKafkaWrote() throws Exception {
    KafkaLog kafkas = KafkaLog.write(scratch, "clean", 0);
    LogDirectory directory = directory(kafkas);
    PartitionLog log = open(directory);
    for (long time = FIRST_TIME - 1000; time < FIRST_TIME + 20_000; time += 977) {
      long asked = time;
      String expected =
          kafkas.records.stream()
              .filter(record -> Long.parseLong(record.split(" ", -1)[1]) >= asked)
              .findFirst()
              .map(record -> record.split(" ", -1)[0])
              .orElse("none");
      assertThat(
              log.offsetForTimestamp(time, Long.MAX_VALUE)
                  .map(OffsetAtTimestamp::offset)
                  .map(String::valueOf)
                  .orElse("none"))
          .isEqualTo(expected);
    }
    directory.close();
  }

  /** REC-1. */
  @Test
  void aTornTailOfAKilledKafkaIsCut() throws Exception {
    KafkaLog kafkas = KafkaLog.write(scratch, "killed", 0);
    Path tail = logFiles(kafkas).get(logFiles(kafkas).size() - 1);
    byte[] sound = Files.readAllBytes(tail);
    Files.write(tail, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
    LogDirectory garbage = directory(kafkas);
    PartitionLog log = open(garbage);
    assertThat(log.recovery().cutBytes()).isEqualTo(3);
    assertThat(log.logEndOffset()).isEqualTo(kafkas.end);
    garbage.close();

    Files.write(tail, Arrays.copyOf(sound, sound.length - 5));
    LogDirectory cut = directory(kafkas);
    log = open(cut);
    assertThat(log.recovery().cutBytes()).isPositive();
    assertThat(log.logEndOffset()).isLessThan(kafkas.end);
    assertThat(records(log, EnumSet.noneOf(Codec.class)))
        .isEqualTo(kafkas.records.subList(0, (int) log.logEndOffset()));
    cut.close();
  }

  private static List<Path> logFiles(KafkaLog kafkas) throws IOException {
    try (Stream<Path> files = Files.list(kafkas.root.resolve(KafkaLog.PARTITION))) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }
}
