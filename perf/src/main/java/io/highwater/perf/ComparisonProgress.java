package io.highwater.perf;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.perf.compare.ComparisonListener;
import io.highwater.perf.compare.Metric;
import io.highwater.perf.compare.Outcome;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.ResultsFile;
import io.highwater.perf.compare.RunSettings;
import io.highwater.perf.compare.Scenario;
import io.highwater.perf.system.ComparedSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Tells how far a comparison is and keeps its lines. */
final class ComparisonProgress implements ComparisonListener {
  /** Starting brokers and clients, reading back what was written. */
  private static final double SECONDS_AROUND_A_ROUND = 15;

  private final CliStreams streams;
  private final List<Scenario> scenarios;
  private final RunSettings settings;
  private final ResultsFile results;
  private final List<ResultLine> lines = new ArrayList<>();

  /**
   * @param results file to append to, or null
   */
  ComparisonProgress(
      CliStreams streams, List<Scenario> scenarios, RunSettings settings, Path results) {
    this.streams = streams;
    this.scenarios = scenarios;
    this.settings = settings;
    this.results = results == null ? null : new ResultsFile(results);
  }

  /** Says what is to come. */
  void begins(List<ComparedSystem> systems) {
    long rounds =
        scenarios.stream()
            .mapToLong(
                scenario ->
                    systems.stream().filter(one -> scenario.systems().contains(one.name())).count()
                        * settings.rounds())
            .sum();
    double seconds = settings.seconds() + settings.warmupSeconds() + SECONDS_AROUND_A_ROUND;
    streams
        .err()
        .printf(
            "%d scenarios on %s: %d rounds, about %d minutes%n",
            scenarios.size(),
            systems.stream().map(ComparedSystem::name).collect(Collectors.joining(", ")),
            rounds,
            (long) Math.ceil(rounds * seconds / 60));
  }

  @Override
  public void roundBegins(Scenario scenario, String system, int round) {
    streams
        .err()
        .printf(
            "[%d/%d] %s  %s  %d/%d  ",
            scenarios.indexOf(scenario) + 1,
            scenarios.size(),
            scenario.name(),
            system,
            round,
            settings.rounds());
    streams.err().flush();
  }

  @Override
  public void lineAdded(ResultLine line) throws IOException {
    lines.add(line);
    if (results != null) {
      results.append(line);
    }
    streams
        .err()
        .println(
            switch (line.outcome()) {
              case MEASURED -> figures(line);
              case SKIPPED -> line.scenario() + "  " + line.system() + " skipped: " + line.reason();
              case FAILED -> "FAILED: " + line.reason();
              case UNSOUND -> "UNSOUND: " + line.reason();
            });
  }

  /** All lines so far. */
  List<ResultLine> lines() {
    return List.copyOf(lines);
  }

  /** The exit code, after a line that says why when some rounds were not measured. */
  int verdict() {
    long bad =
        lines.stream()
            .filter(one -> one.outcome() == Outcome.FAILED || one.outcome() == Outcome.UNSOUND)
            .count();
    if (bad == 0) {
      return CliError.DONE;
    }
    streams
        .err()
        .println(
            CliError.line(
                "NOT_MEASURED", bad + " of " + lines.size() + " rounds failed or were unsound"));
    return CliError.FAILED;
  }

  private static String figures(ResultLine line) {
    return line.headlineMetrics().stream()
        .filter(metric -> line.metrics().containsKey(metric.key()))
        .map(metric -> figure(metric, line.metrics().get(metric.key())))
        .collect(Collectors.joining(", "));
  }

  private static String figure(Metric metric, double value) {
    return metric.title() + " " + metric.format(value) + " " + metric.unit();
  }
}
