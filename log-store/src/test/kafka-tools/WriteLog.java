import java.io.File;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.MetaPropertiesVersion;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.checkpoint.CleanShutdownFileHandler;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.checkpoint.PartitionMetadataFile;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Writes a log directory with one partition by Kafka's own log layer, and prints what is in it: a line per record, then
 * offsets, epochs, producers and aborted transactions. Arguments: directory, partition, {@code clean} or {@code killed},
 * offset below which segments are deleted again.
 */
public final class WriteLog {
  private static final long TIME = 1_700_000_000_000L;
  private static final Compression CODEC = Compression.NONE;
  private static UnifiedLog log;
  private static int epoch;

  public static void main(String[] args) throws Exception {
    File root = new File(args[0]);
    int dash = args[1].lastIndexOf('-');
    TopicPartition partition =
        new TopicPartition(args[1].substring(0, dash), Integer.parseInt(args[1].substring(dash + 1)));
    long deleteBelow = Long.parseLong(args[3]);
    File directory = new File(root, args[1]);
    if (!directory.mkdirs()) {
      throw new IllegalStateException(directory + " is there");
    }
    LogDirFailureChannel failures = new LogDirFailureChannel(1);
    KafkaScheduler scheduler = new KafkaScheduler(1);
    scheduler.startup();
    Uuid topicId = new Uuid(0x1234_5678_9abc_def0L, 0x0fed_cba9_8765_4321L);
    Properties config = new Properties();
    config.setProperty("internal.segment.bytes", "8192");
    config.setProperty("index.interval.bytes", "512");
    config.setProperty("retention.ms", "-1");
    log =
        UnifiedLog.create(
            directory,
            new LogConfig(config),
            0,
            0,
            scheduler,
            new BrokerTopicStats(),
            Time.SYSTEM,
            300_000,
            new ProducerStateManagerConfig(86_400_000, false),
            600_000,
            failures,
            true,
            Optional.of(topicId));
    if (log.partitionMetadataFile().isPresent()) {
      log.partitionMetadataFile().get().maybeFlush();
    }

    append();
    log.updateHighWatermark(log.logEndOffset());
    if (deleteBelow > 0) {
      log.maybeIncrementLogStartOffset(
          deleteBelow,
          LogStartOffsetIncrementReason.ClientRecordDeletion);
      log.deleteOldSegments();
    }
    print();
    long end = log.logEndOffset();
    long start = log.logStartOffset();
    if (args[2].equals("killed")) {
      log.flush(false);
      Runtime.getRuntime().halt(0);
    }
    log.flush(true);
    log.close();
    scheduler.shutdown();
    write(root, "recovery-point-offset-checkpoint", partition, end, failures);
    write(root, "replication-offset-checkpoint", partition, end, failures);
    if (start > 0) {
      write(root, "log-start-offset-checkpoint", partition, start, failures);
    }
    PropertiesUtils.writePropertiesFile(
        new MetaProperties.Builder()
            .setVersion(MetaPropertiesVersion.V1)
            .setClusterId("kafkas-cluster")
            .setNodeId(4)
            .setDirectoryId(new Uuid(7, 8))
            .build()
            .toProperties(),
        new File(root, "meta.properties").getPath(),
        true);
    new CleanShutdownFileHandler(root.getPath()).write(77);
  }

  private static void write(
      File root, String name, TopicPartition partition, long offset, LogDirFailureChannel failures)
      throws Exception {
    new OffsetCheckpointFile(new File(root, name), failures).write(Map.of(partition, offset));
  }

  private static void append() throws Exception {
    long time = TIME;
    int sequence = 0;
    for (int round = 0; round < 40; round++) {
      if (round % 15 == 14) {
        epoch += 2;
        log.assignEpochStartOffset(epoch, log.logEndOffset());
      }
      for (CompressionType type : CompressionType.values()) {
        // Timestamps go back now and then: the time index holds the greatest so far.
        time += round % 7 == 3 ? -50 : 100;
        String text = (type + "-" + round + "-").repeat(1 + round % 9);
        Compression codec = Compression.of(type).build();
        SimpleRecord[] records = {
          new SimpleRecord(time, ("k" + round).getBytes(), text.getBytes()),
          new SimpleRecord(time + 1, null, text.getBytes(), new Header[] {new RecordHeader("h", null)}),
          new SimpleRecord(time + 2, text.getBytes(), null)
        };
        log.appendAsLeader(
            MemoryRecords.withIdempotentRecords(codec, 42, (short) 1, sequence, records), epoch);
        sequence += records.length;
        log.appendAsLeader(
            MemoryRecords.withRecords(codec, new SimpleRecord(time, "plain".getBytes())), epoch);
      }
      transactions(round);
    }
  }

  private static void transactions(int round) throws Exception {
    if (round == 0) {
      // Silent ever since: only a snapshot knows it once its segment is gone.
      write(MemoryRecords.withIdempotentRecords(CODEC, 300, (short) 3, 0, record("quiet")));
      write(MemoryRecords.withIdempotentRecords(CODEC, 300, (short) 3, 1, record("quiet")));
    }
    long one = 1000 + round % 3;
    write(MemoryRecords.withTransactionalRecords(CODEC, one, (short) 0, round / 3, record("t" + round)));
    short twosEpoch = (short) (round / 4);
    if (round % 4 == 0) {
      write(MemoryRecords.withTransactionalRecords(CODEC, 2000, twosEpoch, 0, record("u" + round)));
    }
    end(one, 0, round % 2 == 0 ? ControlRecordType.ABORT : ControlRecordType.COMMIT, 1);
    if (round % 4 == 2) {
      // KIP-890: the marker already has the epoch of the next transaction.
      end(2000, twosEpoch + 1, round % 8 == 2 ? ControlRecordType.ABORT : ControlRecordType.COMMIT, 2);
    }
    if (round == 30) {
      write(MemoryRecords.withTransactionalRecords(CODEC, 3000, (short) 0, 0, record("open")));
    }
  }

  private static SimpleRecord record(String value) {
    return new SimpleRecord(TIME, value.getBytes());
  }

  private static void write(MemoryRecords batch) throws Exception {
    log.appendAsLeader(batch, epoch);
  }

  private static void end(long producer, int producerEpoch, ControlRecordType type, int version)
      throws Exception {
    log.appendAsLeader(
        MemoryRecords.withEndTransactionMarker(
            TIME, producer, (short) producerEpoch, new EndTransactionMarker(type, 9)),
        epoch,
        AppendOrigin.COORDINATOR,
        RequestLocal.noCaching(),
        VerificationGuard.SENTINEL,
        (short) version);
  }

  private static void print() throws Exception {
    for (LogSegment segment : log.logSegments()) {
      System.out.println("segment " + segment.baseOffset());
      for (Record record : segment.log().records()) {
        System.out.println("record " + record.offset() + " " + record.timestamp() + " " + text(record));
      }
    }
    System.out.println("start " + log.logStartOffset());
    System.out.println("end " + log.logEndOffset());
    System.out.println("stable " + log.lastStableOffset());
    System.out.println("epochs " + log.leaderEpochCache().epochEntries());
    log.producerStateManager()
        .activeProducers()
        .forEach(
            (id, state) ->
                System.out.println(
                    "producer "
                        + id
                        + " "
                        + state.producerEpoch()
                        + " "
                        + lastSequence(state)
                        + " "
                        + state.lastDataOffset()
                        + " "
                        + state.coordinatorEpoch()
                        + " "
                        + state.currentTxnFirstOffset().orElse(-1)));
    log.collectAbortedTransactions(log.logStartOffset(), log.logEndOffset())
        .forEach(
            aborted ->
                System.out.println(
                    "aborted "
                        + aborted.producerId()
                        + " "
                        + aborted.firstOffset()
                        + " "
                        + aborted.lastOffset()
                        + " "
                        + aborted.lastStableOffset()));
  }

  private static int lastSequence(ProducerStateEntry state) {
    return state.batchMetadata().stream().mapToInt(BatchMetadata::lastSeq).max().orElse(-1);
  }

  private static String text(Record record) {
    if (!record.hasValue()) {
      return "null";
    }
    byte[] bytes = new byte[record.valueSize()];
    record.value().get(bytes);
    return bytes.length > 0 && bytes[0] == 0 ? "marker" : new String(bytes);
  }
}
