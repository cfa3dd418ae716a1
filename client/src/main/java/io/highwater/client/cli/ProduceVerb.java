package io.highwater.client.cli;

import io.highwater.client.producer.Producer;
import io.highwater.proto.Acks;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.Codec;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code highwater produce}. */
@Command(
    name = "produce",
    description = {
      "Send lines as records. A line ends at LF; every other byte is kept, CR too.",
      "Stops at the first line that cannot be sent, naming it. Ctrl-C sends no more, and waits up"
          + " to 5 s for what was sent."
    })
final class ProduceVerb implements Callable<Integer> {
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

  private final CliStreams streams;
  private boolean reported;
  private volatile boolean interrupted;

  @Parameters(paramLabel = "TOPIC", description = "Where to.")
  private String topic;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description = "The lines; by default, and for '-', standard input.")
  private Path input;

  @Option(
      names = "--key-separator",
      paramLabel = "S",
      description = "A line is KEY S VALUE, split at the first S. Default: no keys.")
  private String keySeparator;

  @Option(
      names = "--acks",
      paramLabel = "0|1|all",
      defaultValue = "all",
      converter = AcksConverter.class,
      description =
          "Who must have a record before it counts: nobody, the leader, or all in sync"
              + " (default).")
  private Acks acks;

  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      defaultValue = "none",
      description = "${COMPLETION-CANDIDATES}. Default: none.")
  private Codec compression;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "Default: by key, or any for lines without one.")
  private Integer partition;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  ProduceVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  @SuppressWarnings("try") // The hook and the notice only have to be there.
  public Integer call() throws IOException {
    if (keySeparator != null && keySeparator.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--key-separator must not be empty");
    }
    if (partition != null && partition < 0) {
      throw new ParameterException(spec.commandLine(), "--partition must not be negative");
    }
    try (InputStream in = open();
        Producer producer =
            Producer.builder()
                .bootstrap(bootstrap.addresses())
                .waitForBrokers(false)
                .acks(acks)
                .compression(compression)
                .build()) {
      int maxRecordBytes = producer.maxRecordBytes(topic);
      LineRecords records =
          new LineRecords(
              new LineReader(in, maxRecordBytes), topic, partition, keySeparator, maxRecordBytes);
      LineProduction production = new LineProduction(producer, records);
      try (ShutdownHook hook = ShutdownHook.of("stop-producing", () -> interrupt(production));
          WaitingNotice notice = WaitingNotice.of(producer, streams.err())) {
        production.run();
      } finally {
        report(production);
      }
      if (!interrupted) {
        production.throwFailure();
      }
      return CliError.DONE;
    }
  }

  private InputStream open() throws IOException {
    if (input == null || input.toString().equals("-")) {
      return new FilterInputStream(streams.in()) {
        @Override
        public void close() {
          // Standard input is not ours to close.
        }
      };
    }
    return Files.newInputStream(input);
  }

  // Holds the lock all the while: the process ends when the hook returns, and whoever else reports
  // must not do so before the last answers are there.
  private synchronized void interrupt(LineProduction production) {
    interrupted = true;
    production.stop(LAST_ANSWERS);
    try {
      report(production);
      production.throwFailure();
    } catch (IOException | HighwaterException e) {
      streams.err().println(CliError.line(e));
    }
  }

  private synchronized void report(LineProduction production) throws IOException {
    if (reported) {
      return;
    }
    reported = true;
    LineProduction.Summary summary = production.summary();
    if (output.isJson()) {
      output.print(streams, summary, summary::text);
    } else {
      // Not a result but a remark: standard output stays empty.
      streams.err().println(summary.text());
    }
  }

  /** Kafka's names. */
  static final class AcksConverter implements ITypeConverter<Acks> {
    @Override
    public Acks convert(String text) {
      return switch (text) {
        case "0" -> Acks.NONE;
        case "1" -> Acks.LEADER;
        case "all", "-1" -> Acks.ALL;
        default -> throw new TypeConversionException("'" + text + "' is not 0, 1 or all");
      };
    }
  }
}
