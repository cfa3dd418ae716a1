package io.highwater.client.cli;

import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.ConsumerRecords;
import io.highwater.client.consumer.CorruptRange;
import io.highwater.client.consumer.CorruptRecords;
import io.highwater.client.consumer.OffsetGapException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater consume}. */
@Command(
    name = "consume",
    description = {
      "Print records as they are committed: the bytes of each value and a line feed.",
      "Goes on until Ctrl-C unless told where to stop."
    })
final class ConsumeVerb implements Callable<Integer> {
  private static final int OUT_BUFFER_BYTES = 256 * 1024;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long LAST_WRITE_SECONDS = 3;

  private final CliStreams streams;
  private volatile boolean stopping;

  @Parameters(paramLabel = "TOPIC", description = "What to read.")
  private String topic;

  @Option(
      names = "--from",
      paramLabel = "WHERE",
      defaultValue = "earliest",
      converter = StartPosition.Converter.class,
      description = {
        "earliest (default), latest, an offset (digits alone), or the first record not older than a"
            + " time: @MILLISECONDS since 1970 or ISO-8601 (2026-01-31T12:00:00Z, 2026-01-31; UTC"
            + " unless it says otherwise)."
      })
  private StartPosition from;

  @Option(names = "--partition", paramLabel = "N", description = "Only this partition.")
  private Integer partition;

  @Option(names = "--max", paramLabel = "N", description = "Stop after N records.")
  private long max = Long.MAX_VALUE;

  @Option(
      names = "--until-end",
      description = "Stop at what is committed now, instead of waiting for more.")
  private boolean untilEnd;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "%v",
      converter = RecordFormat.Converter.class,
      description = RecordFormat.HELP)
  private RecordFormat format;

  @Option(
      names = "--skip-corrupt",
      description = {
        "Go on behind records that cannot be read, with a line about them on stderr, instead of"
            + " failing there."
      })
  private boolean skipCorrupt;

  @Option(
      names = "--rack",
      paramLabel = "RACK",
      defaultValue = "",
      description = "Read from replicas whose broker.rack is this one, where one is in sync.")
  private String rack;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  ConsumeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  @SuppressWarnings("try") // The hook only has to be there.
  public Integer call() throws IOException {
    if (max < 0) {
      throw new ParameterException(spec.commandLine(), "--max must not be negative");
    }
    if (partition != null && partition < 0) {
      throw new ParameterException(spec.commandLine(), "--partition must not be negative");
    }
    RecordPrinter printer = output.isJson() ? new JsonRecords() : format;
    OutputStream out = new BufferedOutputStream(streams.out(), OUT_BUFFER_BYTES);
    CountDownLatch written = new CountDownLatch(1);
    try (Consumer consumer =
            Consumer.builder()
                .bootstrap(bootstrap.addresses())
                .waitForBrokers(false)
                .clientRack(rack)
                .corruptRecords(skipCorrupt ? CorruptRecords.skip(this::tell) : CorruptRecords.FAIL)
                .build();
        ShutdownHook hook = ShutdownHook.of("stop-consuming", () -> stop(consumer, written))) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      from.seek(consumer, partitions);
      Map<TopicPartition, Long> ends = untilEnd ? consumer.endOffsets(partitions) : Map.of();
      requireWithin(consumer, ends);
      consume(consumer, printer, out, ends);
      return CliError.DONE;
    } finally {
      out.flush();
      written.countDown();
    }
  }

  private void consume(
      Consumer consumer, RecordPrinter printer, OutputStream out, Map<TopicPartition, Long> ends)
      throws IOException {
    long printed = 0;
    while (printed < max && !stopping && !(untilEnd && reached(consumer, ends))) {
      for (ConsumerRecord record : poll(consumer)) {
        long end =
            untilEnd
                ? ends.get(new TopicPartition(record.topic(), record.partition()))
                : Long.MAX_VALUE;
        if (record.offset() >= end) {
          continue;
        }
        printer.print(record, out);
        if (++printed >= max || stopping) {
          break;
        }
      }
      // What was polled shows at once, however little it is.
      out.flush();
    }
  }

  /** A loss that may be none of the reader's business is said once, and reading goes on. */
  private ConsumerRecords poll(Consumer consumer) {
    try {
      return consumer.poll(POLL);
    } catch (OffsetGapException e) {
      if (e.gapCause() != OffsetGapException.Cause.MAYBE_LOST) {
        throw e;
      }
      streams.err().println(CliError.line(e.code().name(), e.getMessage()));
      return ConsumerRecords.EMPTY;
    }
  }

  /** What lies beyond the end is an error here as it is where the end is not asked for. */
  private static void requireWithin(Consumer consumer, Map<TopicPartition, Long> ends) {
    ends.forEach(
        (id, end) -> {
          long position = consumer.position(id);
          if (position > end) {
            throw new HighwaterException(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                id + ": offset " + position + " is beyond the log's end " + end);
          }
        });
  }

  private void tell(CorruptRange range) {
    String text =
        range.partition()
            + ": offsets "
            + range.from()
            + " to "
            + (range.to() - 1)
            + " cannot be read and are passed over: "
            + range.cause();
    streams.err().println(CliError.line(ErrorCode.CORRUPT_MESSAGE.name(), text));
  }

  private static boolean reached(Consumer consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private List<TopicPartition> partitions(Consumer consumer) {
    List<TopicPartition> all = consumer.partitionsOf(topic);
    if (partition == null) {
      return all;
    }
    if (partition >= all.size()) {
      throw new HighwaterException(
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          "topic " + topic + " has partitions 0 to " + (all.size() - 1) + ", not " + partition);
    }
    return List.of(new TopicPartition(topic, partition));
  }

  private void stop(Consumer consumer, CountDownLatch written) {
    stopping = true;
    consumer.wakeup();
    try {
      written.await(LAST_WRITE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
