package io.highwater.perf.report;

import io.highwater.perf.compare.Comparison;
import io.highwater.perf.compare.Metric;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.ScenarioSummary;
import io.highwater.perf.compare.Spread;
import io.highwater.perf.compare.SystemSummary;
import io.highwater.perf.compare.Verdict;
import io.highwater.perf.report.Report.Cell;
import io.highwater.perf.report.Report.Fact;
import io.highwater.perf.report.Report.Section;
import io.highwater.perf.report.Report.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What systems side by side say: a section for each group of scenarios. */
public final class ComparisonReport {
  private static final List<Metric> PERCENTILES =
      List.of(
          Metric.LATENCY_P50_MICROS,
          Metric.LATENCY_P90_MICROS,
          Metric.LATENCY_P99_MICROS,
          Metric.LATENCY_P999_MICROS,
          Metric.LATENCY_P9999_MICROS,
          Metric.LATENCY_MAX_MICROS);
  private static final List<String> PERCENTILE_LABELS =
      List.of("50 %", "90 %", "99 %", "99.9 %", "99.99 %", "max");

  private ComparisonReport() {}

  /**
   * The report of result lines, of each scenario its newest run.
   *
   * @param lines at least one, older ones first
   */
  public static Report of(List<ResultLine> lines) {
    List<ResultLine> newest = newestRuns(lines);
    Map<String, List<ScenarioSummary>> groups = new LinkedHashMap<>();
    for (ScenarioSummary scenario : ScenarioSummary.of(newest)) {
      groups.computeIfAbsent(scenario.group(), absent -> new ArrayList<>()).add(scenario);
    }
    List<Section> sections = new ArrayList<>();
    groups.forEach((group, scenarios) -> sections.add(section(group, scenarios)));
    return new Report("Highwater compared", facts(newest), notes(), sections);
  }

  private static List<ResultLine> newestRuns(List<ResultLine> lines) {
    Map<String, String> newest = new LinkedHashMap<>();
    for (ResultLine line : lines) {
      newest.merge(line.scenario(), line.run(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }
    return lines.stream().filter(line -> line.run().equals(newest.get(line.scenario()))).toList();
  }

  private static List<Fact> facts(List<ResultLine> lines) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Commit", distinct(lines, ResultLine::commit)));
    facts.add(new Fact("Run", distinct(lines, ResultLine::run)));
    facts.add(new Fact("Machine and conditions", distinct(lines, one -> one.conditions().text())));
    Map<String, Set<String>> setups = new LinkedHashMap<>();
    for (ResultLine line : lines) {
      String setup = line.configuration().get(ResultLine.SETUP);
      if (setup != null) {
        setups.computeIfAbsent(line.system(), absent -> new LinkedHashSet<>()).add(setup);
      }
    }
    setups.forEach((system, setup) -> facts.add(new Fact(system, String.join(" | ", setup))));
    return facts;
  }

  private static String distinct(List<ResultLine> lines, Function<ResultLine, String> field) {
    return lines.stream()
        .map(field)
        .map(value -> value.isEmpty() ? "unknown" : value)
        .distinct()
        .collect(Collectors.joining(" | "));
  }

  private static List<String> notes() {
    return List.of(
        "Each system runs in its own processes with its own client; systems take turns, round by"
            + " round. A figure is the median of the rounds with the lowest and highest in"
            + " parentheses. Warm-up is not part of it.",
        "A ratio (÷) says how many times better the first system is by medians, whichever direction"
            + " is better: above 1 it is ahead.",
        Comparison.NOISE_RULE);
  }

  private static Section section(String group, List<ScenarioSummary> scenarios) {
    List<String> systems =
        scenarios.stream()
            .flatMap(scenario -> scenario.systems().stream())
            .map(SystemSummary::system)
            .distinct()
            .toList();
    return new Section(group, table(scenarios, systems), charts(scenarios, systems));
  }

  private static Report.Table table(List<ScenarioSummary> scenarios, List<String> systems) {
    List<String> peers = systems.stream().skip(1).toList();
    List<String> header = new ArrayList<>(List.of("Scenario", "Figure", "Unit"));
    header.addAll(systems);
    peers.forEach(peer -> header.add("÷ " + peer));
    List<List<Cell>> rows = new ArrayList<>();
    for (ScenarioSummary scenario : scenarios) {
      for (Metric metric : scenario.headline()) {
        List<Cell> row = new ArrayList<>();
        row.add(Cell.of(metric == scenario.primary() ? scenario.scenario() : ""));
        row.add(Cell.of(metric.title()));
        row.add(Cell.of(metric.unit()));
        Optional<SystemSummary> subject = find(scenario, systems.get(0));
        for (String system : systems) {
          row.add(find(scenario, system).map(one -> figure(scenario, metric, one)).orElse(dash()));
        }
        for (String peer : peers) {
          row.add(
              subject
                  .flatMap(us -> find(scenario, peer).map(them -> ratio(metric, us, them)))
                  .orElse(dash()));
        }
        rows.add(row);
      }
    }
    return new Report.Table(header, rows);
  }

  private static Optional<SystemSummary> find(ScenarioSummary scenario, String system) {
    return scenario.systems().stream().filter(one -> one.system().equals(system)).findFirst();
  }

  private static Cell dash() {
    return Cell.of("–");
  }

  private static Cell figure(ScenarioSummary scenario, Metric metric, SystemSummary system) {
    StringBuilder text = new StringBuilder();
    system.spread(metric).ifPresent(spread -> text.append(Figures.text(metric, spread)));
    // What went wrong is said once for each scenario, beside the figure that it is about.
    if (metric == scenario.primary() && !system.isComplete()) {
      if (system.measured() > 0) {
        text.append("; ").append(system.measured()).append(" of ").append(system.rounds());
        text.append(" rounds; ");
      }
      text.append(String.join("; ", system.problems()));
      return new Cell(text.toString(), Tone.BAD);
    }
    return text.isEmpty() ? dash() : Cell.of(text.toString());
  }

  private static Cell ratio(Metric metric, SystemSummary subject, SystemSummary peer) {
    Comparison comparison = Comparison.of(metric, subject, peer);
    Verdict verdict = comparison.verdict();
    if (verdict == Verdict.INCOMPLETE && Double.isNaN(comparison.advantage())) {
      return subject.isComplete() && peer.isComplete()
          ? dash()
          : new Cell(verdict.text(), Tone.DOUBTFUL);
    }
    Tone tone =
        switch (verdict) {
          case BETTER -> Tone.GOOD;
          case WORSE -> Tone.BAD;
          case WITHIN_NOISE, TOO_FEW_ROUNDS, INCOMPLETE -> Tone.DOUBTFUL;
        };
    return new Cell(comparison.advantageText() + " " + verdict.text(), tone);
  }

  private static List<Chart> charts(List<ScenarioSummary> scenarios, List<String> systems) {
    List<Chart> charts = new ArrayList<>();
    Set<Metric> metrics = new LinkedHashSet<>();
    scenarios.forEach(scenario -> metrics.addAll(scenario.headline()));
    for (Metric metric : metrics) {
      if (!PERCENTILES.contains(metric) || scenarios.stream().noneMatch(one -> hasCurve(one))) {
        charts.add(bars(metric, scenarios, systems));
      }
    }
    scenarios.stream()
        .filter(ComparisonReport::hasCurve)
        .forEach(scenario -> charts.add(curve(scenario)));
    return charts.stream().filter(chart -> !chart.series().isEmpty()).toList();
  }

  private static boolean hasPoints(Chart.Series series) {
    return series.points().stream().anyMatch(point -> point != null);
  }

  private static boolean hasCurve(ScenarioSummary scenario) {
    return PERCENTILES.contains(scenario.primary());
  }

  private static Chart bars(Metric metric, List<ScenarioSummary> scenarios, List<String> systems) {
    List<ScenarioSummary> shown =
        scenarios.stream().filter(one -> one.headline().contains(metric)).toList();
    List<Chart.Series> series = new ArrayList<>();
    for (String system : systems) {
      series.add(
          new Chart.Series(
              system,
              shown.stream()
                  .map(one -> find(one, system).flatMap(summary -> summary.spread(metric)))
                  .map(spread -> point(metric, spread))
                  .collect(Collectors.toCollection(ArrayList::new))));
    }
    String better = metric.isHigherBetter() ? " (more is better)" : " (less is better)";
    return new Chart(
        Chart.Kind.BARS,
        metric.title() + better,
        metric.unit(),
        shown.stream().map(ScenarioSummary::label).toList(),
        series.stream().filter(ComparisonReport::hasPoints).toList());
  }

  private static Chart curve(ScenarioSummary scenario) {
    List<Chart.Series> series = new ArrayList<>();
    for (SystemSummary system : scenario.systems()) {
      series.add(
          new Chart.Series(
              system.system(),
              PERCENTILES.stream()
                  .map(metric -> point(metric, system.spread(metric)))
                  .collect(Collectors.toCollection(ArrayList::new))));
    }
    return new Chart(
        Chart.Kind.PERCENTILES,
        "Latency by percentile: " + scenario.label() + " (less is better)",
        Metric.LATENCY_P50_MICROS.unit(),
        PERCENTILE_LABELS,
        series.stream().filter(ComparisonReport::hasPoints).toList());
  }

  private static Chart.Point point(Metric metric, Optional<Spread> spread) {
    return spread.map(one -> Figures.point(metric, one)).orElse(null);
  }
}
