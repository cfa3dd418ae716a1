package io.highwater.perf;

import io.highwater.perf.load.PayloadSpec;
import io.highwater.perf.load.SinkConfig;
import io.highwater.proto.record.Codec;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What loads that send are told. */
final class SendOptions {
  /** Partitions of a topic that is created and not told how many. */
  static final int DEFAULT_PARTITIONS = 6;

  private static final int DEFAULT_RECORD_BYTES = 100;
  private static final long MIN_BUFFER_BYTES = 32L << 20;
  private static final int BATCHES_BUFFERED = 4;

  @Option(
      names = "--record-size",
      paramLabel = "BYTES",
      converter = Quantities.Size.class,
      description = "Size of each generated, JSON-like record. Default: 100.")
  private Integer recordBytes;

  @Option(
      names = "--payload-file",
      paramLabel = "FILE",
      description = "Its lines are the records instead, again and again.")
  private Path payloadFile;

  @Option(
      names = "--acks",
      paramLabel = "0|1|all",
      defaultValue = "all",
      converter = AcksConverter.class,
      description = "Who must have a record before it counts. Default: all.")
  private String acks;

  @Option(
      names = "--batch-size",
      paramLabel = "BYTES",
      defaultValue = "64KiB",
      converter = Quantities.Size.class,
      description = "What a batch comes to, once compressed. Default: ${DEFAULT-VALUE}.")
  private int batchBytes;

  @Option(
      names = "--linger-ms",
      paramLabel = "MS",
      defaultValue = "5",
      description = "How long an open batch waits for more. Default: ${DEFAULT-VALUE}.")
  private int lingerMs;

  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      defaultValue = "none",
      description = "${COMPLETION-CANDIDATES}. Default: none.")
  private Codec compression;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Partitions of the topic, which is created if it is not there. Default: 6.")
  private Integer partitions;

  @Option(
      names = "--replication-factor",
      paramLabel = "N",
      description =
          "Replicas of each partition of a topic that is created; by default the broker's"
              + " default.replication.factor.")
  private int replicationFactor;

  @Option(
      names = "--producers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Producers side by side, each with its own thread. Default: 1.")
  private int producers;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description =
          "Batches of a partition that may wait for their answers; by default the client's own.")
  private Integer inFlight;

  @Option(
      names = "--hlog",
      paramLabel = "FILE",
      description = "Write the latencies as a HdrHistogram log, one line per second.")
  private Path hlog;

  int producers() {
    return producers;
  }

  /** Partitions that were asked for, or null. */
  Integer partitions() {
    return partitions;
  }

  int replicationFactor() {
    return replicationFactor;
  }

  /**
   * What records hold.
   *
   * @throws NoSuchFileException before anything is tried, when the file is not there
   */
  PayloadSpec payload() throws NoSuchFileException {
    if (payloadFile != null) {
      if (recordBytes != null) {
        throw new IllegalArgumentException("--record-size and --payload-file exclude each other");
      }
      if (!Files.exists(payloadFile)) {
        throw new NoSuchFileException(payloadFile.toString());
      }
      return PayloadSpec.ofFile(payloadFile.toString());
    }
    return PayloadSpec.ofBytes(recordBytes == null ? DEFAULT_RECORD_BYTES : recordBytes);
  }

  /** The histogram log, or null. */
  String hlog() {
    return hlog == null ? null : hlog.toString();
  }

  SinkConfig sink(String bootstrap, String topic) {
    if (inFlight != null && inFlight < 1) {
      throw new IllegalArgumentException("--in-flight " + inFlight + " is not from 1");
    }
    return new SinkConfig(
        bootstrap,
        topic,
        acks,
        compression.name().toLowerCase(Locale.ROOT),
        batchBytes,
        lingerMs,
        inFlight == null ? 0 : inFlight,
        Math.max(MIN_BUFFER_BYTES, (long) BATCHES_BUFFERED * batchBytes));
  }

  /** Kafka's names. */
  static final class AcksConverter implements ITypeConverter<String> {
    private static final Pattern NAMES = Pattern.compile("0|1|all");

    @Override
    public String convert(String text) {
      if (!NAMES.matcher(text).matches()) {
        throw new TypeConversionException("'" + text + "' is not 0, 1 or all");
      }
      return text;
    }
  }
}
