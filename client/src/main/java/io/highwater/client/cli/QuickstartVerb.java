package io.highwater.client.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code highwater quickstart}. */
@Command(
    name = "quickstart",
    description = {
      "Start a cluster of broker processes, send records with acks=all, kill a leader with SIGKILL"
          + " half-way, and prove that every acknowledged record comes back exactly once, byte for"
          + " byte, in order.",
      "Everything is on loopback; nothing is left behind unless --keep is given."
    })
final class QuickstartVerb implements Callable<Integer> {
  private static final long DEFAULT_RECORDS = 200_000;
  private static final long SEED = 2_026;
  private static final int INTERRUPTED = 130;

  private final CliStreams streams;
  private final String mainClass;
  private volatile boolean interrupted;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "Send its lines, split at LF, without keys ('-': standard input). Default:"
              + " generated order events, keyed by customer.")
  private Path input;

  @Option(
      names = "--records",
      paramLabel = "N",
      description = "How many records at most. Default: all lines of the input, or 200000 events.")
  private Long records;

  @Option(
      names = "--brokers",
      paramLabel = "N",
      defaultValue = "3",
      description = "How many broker processes. Default: ${DEFAULT-VALUE}.")
  private int brokers;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the brokers' files go; absent or empty. Default: a temporary directory.")
  private Path data;

  @Option(names = "--keep", description = "Leave the brokers' files and logs, and say where.")
  private boolean keep;

  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  QuickstartVerb(CliStreams streams, String mainClass) {
    this.streams = streams;
    this.mainClass = mainClass;
  }

  @Override
  @SuppressWarnings("try") // The hook only has to be there.
  public Integer call() throws IOException {
    if (brokers < 1 || brokers > 9) {
      throw new ParameterException(spec.commandLine(), "--brokers must be from 1 to 9");
    }
    if (records != null && records < 0) {
      throw new ParameterException(spec.commandLine(), "--records must not be negative");
    }
    Progress progress = new Progress(streams);
    LocalCluster cluster = new LocalCluster(data, keep, mainClass, brokers);
    // The hook goes last, or there would be a moment in which nobody cleans up.
    try (ShutdownHook hook = ShutdownHook.of("quickstart-clean-up", () -> interrupt(cluster));
        cluster) {
      cluster.prepare();
      return run(cluster, progress);
    } catch (IOException | RuntimeException e) {
      progress.closeLine();
      if (interrupted) {
        // What failed now failed because the brokers were taken away.
        return INTERRUPTED;
      }
      throw e;
    }
  }

  private int run(LocalCluster cluster, Progress progress) throws IOException {
    try (QuickstartInput lines = openInput(cluster)) {
      QuickstartReport report =
          new Quickstart(cluster, brokers, (topic, max) -> source(lines, topic, max), progress)
              .run();
      progress.closeLine();
      output.print(streams, report, report::text);
      return CliError.DONE;
    }
  }

  private QuickstartInput openInput(LocalCluster cluster) throws IOException {
    return input == null ? null : QuickstartInput.open(input, streams.in(), cluster.temporary());
  }

  private RecordSource source(QuickstartInput lines, String topic, int maxRecordBytes) {
    return lines == null
        ? new OrderEvents(topic, records == null ? DEFAULT_RECORDS : records, SEED)
        : lines.records(topic, maxRecordBytes, records == null ? Long.MAX_VALUE : records);
  }

  private void interrupt(LocalCluster cluster) {
    interrupted = true;
    try {
      cluster.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
