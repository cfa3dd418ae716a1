package io.highwater.perf;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.ShutdownHook;
import io.highwater.perf.compare.Comparer;
import io.highwater.perf.compare.Comparison;
import io.highwater.perf.compare.Conditions;
import io.highwater.perf.compare.DiskRoom;
import io.highwater.perf.compare.Machine;
import io.highwater.perf.compare.PageCache;
import io.highwater.perf.compare.RunSettings;
import io.highwater.perf.compare.Scenario;
import io.highwater.perf.compare.Scenarios;
import io.highwater.perf.report.ComparisonReport;
import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater perf compare}. */
@Command(
    name = "compare",
    description = {
      "Make Highwater and other systems do the same work on this machine, in turns, and compare.",
      "All scenarios take hours; --only and --quick take less. Results are kept as they come."
    })
final class CompareVerb implements Callable<Integer> {
  private static final RunSettings WHOLE = new RunSettings(3, 20, 10, 4L << 30, 1);
  private static final RunSettings QUICK = new RunSettings(1, 2, 2, 128L << 20, 0.1);

  private static final long MAX_RESTART_MIB = 1 << 20;

  private final CliStreams streams;
  private final Supplier<List<ComparedSystem>> known;

  @Option(names = "--list", description = "Name the scenarios and exit.")
  private boolean list;

  @Option(
      names = "--only",
      paramLabel = "GLOB",
      split = ",",
      description = "Scenarios whose names match: * is any characters, ? is one. Default: all.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      description = "Systems that take part. Default: all.")
  private List<String> systems = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of each system; at least 3 unless --quick. Default: 3.")
  private Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long a round is measured. Default: 20.")
  private Double seconds;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description = "How long it runs before that. Default: 10.")
  private Double warmupSeconds;

  @Option(
      names = "--restart-mib",
      paramLabel = "N",
      description = "Log that a broker has when it is killed and restarted. Default: 4096.")
  private Long restartMib;

  @Option(
      names = "--quick",
      description =
          "One round of 2 s after 2 s, a tenth of the records, 128 MiB to restart with: does"
              + " everything work? Figures of it prove nothing.")
  private boolean quick;

  @Option(
      names = "--fill-page-cache",
      description =
          "Before each round, fill free memory with clean pages. For virtual machines that give"
              + " freed memory back to their host: writing into new memory costs more there than"
              + " all the rest.")
  private boolean fillPageCache;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Directory on the disk to measure. Default: /var/tmp.")
  private Path data = Path.of("/var/tmp");

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "Append each round as a line of JSON; 'perf report' reads it.")
  private Path results;

  @Mixin private ReportFiles report;

  /**
   * @param known systems that may be named, in the order in which they take turns
   */
  CompareVerb(CliStreams streams, Supplier<List<ComparedSystem>> known) {
    this.streams = streams;
    this.known = known;
  }

  @Override
  @SuppressWarnings("try") // The hook only has to be there.
  public Integer call() throws IOException {
    List<Scenario> scenarios = Scenarios.matching(only);
    if (list) {
      for (Scenario scenario : scenarios) {
        streams.print(
            "%-32s %s: %s%n".formatted(scenario.name(), scenario.group(), scenario.label()));
      }
      return CliError.DONE;
    }
    RunSettings settings = settings();
    List<ComparedSystem> taking = chosen(known.get());
    requireDirectory();
    ReportFiles.requireWritable("--results", results);
    report.requireWritable();
    Conditions conditions =
        new Conditions(
            Machine.here(),
            settings.seconds(),
            settings.warmupSeconds(),
            fillPageCache ? Conditions.FILLED : Conditions.AS_FOUND);
    ComparisonProgress progress = new ComparisonProgress(streams, scenarios, settings, results);
    try (TemporaryDirectory directory = TemporaryDirectory.in(data);
        PageCache pageCache = fillPageCache ? PageCache.in(directory.path()) : null) {
      DiskRoom room = new DiskRoom(settings);
      Comparer.Preparation preparation =
          (scenario, path) -> {
            room.check(scenario, path);
            if (pageCache != null) {
              pageCache.fill();
            }
          };
      progress.begins(taking);
      Comparer comparer =
          new Comparer(
              settings, conditions, SourceCommit.ofThisBuild(), preparation, Clock.systemUTC());
      // When Ctrl-C kills the systems, the round's failure is none of theirs.
      try (ShutdownHook hook = ShutdownHook.of("stop-comparing", comparer::stop)) {
        comparer.run(scenarios, taking, directory.path(), progress);
      }
    } finally {
      if (!progress.lines().isEmpty()) {
        report.write(streams, ComparisonReport.of(progress.lines()));
      }
    }
    return progress.verdict();
  }

  private RunSettings settings() {
    if (restartMib != null && (restartMib < 1 || restartMib > MAX_RESTART_MIB)) {
      throw new IllegalArgumentException(
          "--restart-mib: " + restartMib + " is not 1 to " + MAX_RESTART_MIB);
    }
    RunSettings base = quick ? QUICK : WHOLE;
    RunSettings settings =
        new RunSettings(
            rounds == null ? base.rounds() : rounds,
            seconds == null ? base.seconds() : seconds,
            warmupSeconds == null ? base.warmupSeconds() : warmupSeconds,
            restartMib == null ? base.restartBytes() : restartMib << 20,
            base.share());
    if (!quick && settings.rounds() < Comparison.ENOUGH_ROUNDS) {
      throw new IllegalArgumentException(
          "--rounds: fewer than "
              + Comparison.ENOUGH_ROUNDS
              + " prove nothing; --quick may have 1");
    }
    return settings;
  }

  private List<ComparedSystem> chosen(List<ComparedSystem> all) {
    if (systems.isEmpty()) {
      return all;
    }
    List<ComparedSystem> chosen = new ArrayList<>();
    for (String name : systems) {
      chosen.add(
          all.stream()
              .filter(system -> system.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "--systems: '"
                              + name
                              + "' is none of "
                              + String.join(", ", all.stream().map(one -> one.name()).toList()))));
    }
    return chosen;
  }

  private void requireDirectory() {
    if (!Files.isDirectory(data) || !Files.isWritable(data)) {
      throw new IllegalArgumentException("--data: " + data + " is no directory to write to");
    }
  }
}
