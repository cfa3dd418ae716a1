package io.highwater.server.cli;

import io.highwater.client.cli.BootstrapOption;
import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.JsonLinesFile;
import io.highwater.client.cli.OutputOption;
import io.highwater.client.cli.TopicTarget;
import io.highwater.log.io.FileStorage;
import io.highwater.log.salvage.BatchFile;
import io.highwater.log.salvage.LogSalvage;
import io.highwater.log.salvage.OffsetRange;
import io.highwater.log.salvage.SegmentRest;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater log salvage}. */
@Command(
    name = "salvage",
    description = {
      "Read what is intact in the directory of one partition whose files are damaged, and write it"
          + " elsewhere: all batches that their checksums bear out, before and behind the damage.",
      "Says for each segment what is intact, damaged, missing and not readable. Exit code 0 means"
          + " that all that is intact was written, whatever is not.",
      "Only reads DIR, takes no lock and follows no link. A running broker is no hindrance, and is"
          + " pointed out: of a partition that it still writes to, what changes meanwhile may be"
          + " left out. What was never committed is not told from what was."
    })
final class LogSalvageVerb implements Callable<Integer> {
  private static final List<String> JSON_NAMES = List.of(".json", ".jsonl");
  private static final String BATCHES_NAME = ".log";

  /** A segment, for machines. */
  private record Segment(
      String file,
      long bytes,
      SegmentRest.Intact intact,
      List<SegmentRest.DamagedBytes> damaged,
      List<OffsetRange> missing,
      List<SegmentRest.UnreadableBatch> unreadable,
      long unlisted) {
    static Segment of(SegmentRest rest) {
      return new Segment(
          rest.file().toString(),
          rest.bytes(),
          rest.intact(),
          rest.damaged(),
          rest.missing(),
          rest.unreadable(),
          rest.unlisted());
    }
  }

  /**
   * What was found and written.
   *
   * @param partition empty when the directory does not say
   * @param to empty in a dry run
   */
  private record Result(
      String directory,
      String partition,
      boolean brokerRuns,
      String to,
      SalvageDestination.Written written,
      List<Segment> segments) {
    String text() {
      long batches = segments.stream().mapToLong(segment -> segment.intact.batches()).sum();
      long records = segments.stream().mapToLong(segment -> segment.intact.records()).sum();
      String found =
          segments.size() + " segments: intact " + batches + " batches, " + records + " records; ";
      if (to.isEmpty()) {
        return found + "nothing written, a dry run\n";
      }
      return found
          + "written to "
          + to
          + ": "
          + (written.records() > 0 || written.batches() == 0
              ? written.records() + " records"
              : written.batches() + " batches, " + written.bytes() + " bytes")
          + "\n";
    }
  }

  private final CliStreams streams;

  @Parameters(
      paramLabel = "DIR",
      description = "The directory of one partition, also one that was set aside or copied.")
  private Path directory;

  @Option(
      names = "--to",
      paramLabel = "TOPIC|FILE",
      description = {
        "Where to. A FILE has a '/' in its name or ends in .log, .json or .jsonl, and must not be"
            + " there yet. One that ends in .log gets the batches byte for byte, also those whose"
            + " records cannot be read; named like a segment (20 digits) it can be dumped. Any"
            + " other gets a line of JSON for each record, as of 'consume --output json'. All else"
            + " is a TOPIC that is there: it gets the records with their keys, headers and"
            + " timestamps, in their order; offsets begin anew."
      })
  private String to;

  @Option(names = "--dry-run", description = "Only say what there is; --to may be left out.")
  private boolean dryRun;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "To this partition of TOPIC. Default: the number of the one that is read.")
  private Integer partition;

  @Option(
      names = "--compression",
      paramLabel = "CODEC",
      defaultValue = "none",
      description = "Of what is sent to TOPIC: ${COMPLETION-CANDIDATES}. Default: none.")
  private Codec compression;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  LogSalvageVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (to == null && !dryRun) {
      throw new ParameterException(spec.commandLine(), "--to is missing, or --dry-run");
    }
    if (partition != null && partition < 0) {
      throw new ParameterException(spec.commandLine(), "--partition must not be negative");
    }
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such directory");
    }
    LogSalvage salvage = LogSalvage.of(new FileStorage(), directory);
    boolean brokerRuns = salvage.isBesideBroker();
    if (brokerRuns) {
      streams.err().println("highwater: a broker runs on the data directory around " + directory);
    }
    List<Segment> segments = new ArrayList<>();
    Optional<TopicPartition> of = salvage.partition();
    try (SalvageDestination destination = dryRun ? SalvageDestination.NONE : destination(of)) {
      try {
        salvage.run(destination, rest -> heard(rest, segments));
        destination.complete();
      } finally {
        Result result =
            new Result(
                directory.toString(),
                of.map(TopicPartition::toString).orElse(""),
                brokerRuns,
                dryRun ? "" : to,
                destination.written(),
                segments);
        output.print(streams, result, result::text);
      }
    }
    return CliError.DONE;
  }

  private SalvageDestination destination(Optional<TopicPartition> of) throws IOException {
    boolean isBatches = to.endsWith(BATCHES_NAME);
    if (!isBatches && !to.contains("/") && JSON_NAMES.stream().noneMatch(to::endsWith)) {
      int number = partition != null ? partition : require(of).partition();
      return SalvageDestination.of(
          new TopicTarget(
              bootstrap.addresses(), new TopicPartition(to, number), compression, streams));
    }
    Path file = Path.of(to);
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null || parent.toRealPath().startsWith(directory.toRealPath())) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, to + " would be within " + directory + ": name another place");
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new HighwaterException(ErrorCode.INVALID_REQUEST, to + " is there already");
    }
    return isBatches
        ? SalvageDestination.of(new BatchFile(new FileStorage(), file))
        : SalvageDestination.of(new JsonLinesFile(file, require(of)));
  }

  private TopicPartition require(Optional<TopicPartition> of) {
    return of.orElseThrow(
        () ->
            new HighwaterException(
                ErrorCode.INVALID_REQUEST,
                directory
                    + " does not say whose partition it is: name it <topic>-<partition>, or give"
                    + " --partition for a topic"));
  }

  /** At once: a large directory takes its time. */
  private void heard(SegmentRest rest, List<Segment> segments) {
    segments.add(Segment.of(rest));
    if (!output.isJson()) {
      try {
        streams.print(text(rest));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String text(SegmentRest rest) {
    StringBuilder text = new StringBuilder();
    text.append(rest.file()).append(": intact ").append(rest.intact().batches());
    text.append(" batches, ").append(rest.intact().records()).append(" records");
    if (!rest.intact().offsets().isEmpty()) {
      text.append(", offsets ");
      text.append(
          rest.intact().offsets().stream()
              .map(OffsetRange::toString)
              .collect(Collectors.joining(", ")));
    }
    text.append('\n');
    for (SegmentRest.DamagedBytes damaged : rest.damaged()) {
      text.append("  damaged at position ").append(damaged.position()).append(", ");
      text.append(damaged.bytes()).append(" bytes: ").append(damaged.what()).append('\n');
    }
    for (SegmentRest.UnreadableBatch unreadable : rest.unreadable()) {
      text.append("  not readable at position ").append(unreadable.position());
      text.append(", offsets ").append(unreadable.offsets()).append(": ");
      text.append(unreadable.what()).append('\n');
    }
    for (OffsetRange missing : rest.missing()) {
      text.append("  missing offsets ").append(missing).append('\n');
    }
    if (rest.unlisted() > 0) {
      text.append("  and ").append(rest.unlisted()).append(" more\n");
    }
    return text.toString();
  }
}
