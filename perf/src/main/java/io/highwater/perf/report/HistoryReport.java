package io.highwater.perf.report;

import io.highwater.perf.compare.Comparison;
import io.highwater.perf.compare.Conditions;
import io.highwater.perf.compare.Metric;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.ScenarioSummary;
import io.highwater.perf.compare.Spread;
import io.highwater.perf.compare.SystemSummary;
import io.highwater.perf.compare.Verdict;
import io.highwater.perf.report.Report.Cell;
import io.highwater.perf.report.Report.Section;
import io.highwater.perf.report.Report.Tone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How figures moved between commits. Runs of one commit count together; figures that were measured
 * under other conditions (machine, durations, page cache) stand apart.
 */
public final class HistoryReport {
  private HistoryReport() {}

  /**
   * Sections of all conditions under which two commits or more were measured; empty when there are
   * none.
   *
   * @param lines older ones first
   */
  public static List<Section> sections(List<ResultLine> lines) {
    Map<Conditions, List<ResultLine>> apart = new LinkedHashMap<>();
    for (ResultLine line : lines) {
      apart.computeIfAbsent(line.conditions(), absent -> new ArrayList<>()).add(line);
    }
    List<Section> sections = new ArrayList<>();
    apart.forEach(
        (conditions, same) -> {
          List<String> commits = same.stream().map(ResultLine::commit).distinct().toList();
          if (commits.size() > 1) {
            String where = apart.size() > 1 ? " — " + conditions.text() : "";
            sections.addAll(underConditions(where, same, commits));
          }
        });
    return sections;
  }

  private static List<Section> underConditions(
      String where, List<ResultLine> lines, List<String> commits) {
    Map<String, Map<Key, Track>> groups = new LinkedHashMap<>();
    for (int i = 0; i < commits.size(); i++) {
      String commit = commits.get(i);
      List<ResultLine> ofCommit =
          lines.stream().filter(line -> line.commit().equals(commit)).toList();
      for (ScenarioSummary scenario : ScenarioSummary.of(ofCommit)) {
        for (SystemSummary system : scenario.systems()) {
          groups
                  .computeIfAbsent(scenario.group(), absent -> new LinkedHashMap<>())
                  .computeIfAbsent(
                      new Key(scenario.scenario(), system.system(), scenario.primary()),
                      absent -> new Track(scenario.label(), new SystemSummary[commits.size()]))
                  .byCommit()[i] =
              system;
        }
      }
    }
    List<Section> sections = new ArrayList<>();
    groups.forEach(
        (group, tracks) ->
            sections.add(
                new Section(
                    "History: " + group + where, table(commits, tracks), charts(commits, tracks))));
    return sections;
  }

  private static Report.Table table(List<String> commits, Map<Key, Track> tracks) {
    List<String> header = new ArrayList<>(List.of("Scenario", "System", "Unit"));
    header.addAll(commits);
    header.add("Last move");
    List<List<Cell>> rows = new ArrayList<>();
    tracks.forEach(
        (key, track) -> {
          List<Cell> row = new ArrayList<>();
          row.add(Cell.of(key.scenario()));
          row.add(Cell.of(key.system()));
          row.add(Cell.of(key.metric().unit()));
          for (SystemSummary system : track.byCommit()) {
            row.add(figure(key.metric(), system));
          }
          row.add(lastMove(key.metric(), track));
          rows.add(row);
        });
    return new Report.Table(header, rows);
  }

  private static Cell figure(Metric metric, SystemSummary system) {
    if (system == null) {
      return Cell.of("–");
    }
    Optional<Spread> spread = system.spread(metric);
    if (spread.isEmpty()) {
      return new Cell(String.join("; ", system.problems()), Tone.BAD);
    }
    String text = Figures.text(metric, spread.get());
    return system.isComplete()
        ? Cell.of(text)
        : new Cell(text + "; " + String.join("; ", system.problems()), Tone.BAD);
  }

  /** The newest commit against the one before it that was measured. */
  private static Cell lastMove(Metric metric, Track track) {
    List<SystemSummary> measured = new ArrayList<>();
    for (SystemSummary system : track.byCommit()) {
      if (system != null) {
        measured.add(system);
      }
    }
    if (measured.size() < 2) {
      return Cell.of("–");
    }
    Comparison move =
        Comparison.of(metric, measured.get(measured.size() - 1), measured.get(measured.size() - 2));
    Tone tone =
        move.verdict() == Verdict.BETTER
            ? Tone.GOOD
            : move.verdict() == Verdict.WORSE ? Tone.BAD : Tone.DOUBTFUL;
    return new Cell(move.advantageText() + " " + move.verdict().text(), tone);
  }

  private static List<Chart> charts(List<String> commits, Map<Key, Track> tracks) {
    Map<Metric, List<Chart.Series>> byMetric = new LinkedHashMap<>();
    tracks.forEach(
        (key, track) -> {
          List<Chart.Point> points = new ArrayList<>();
          for (SystemSummary system : track.byCommit()) {
            points.add(
                Optional.ofNullable(system)
                    .flatMap(one -> one.spread(key.metric()))
                    .map(spread -> Figures.point(key.metric(), spread))
                    .orElse(null));
          }
          byMetric
              .computeIfAbsent(key.metric(), absent -> new ArrayList<>())
              .add(new Chart.Series(key.system() + ": " + track.label(), points));
        });
    List<Chart> charts = new ArrayList<>();
    byMetric.forEach(
        (metric, series) ->
            charts.add(
                new Chart(
                    Chart.Kind.HISTORY,
                    metric.title()
                        + (metric.isHigherBetter() ? " (more is better)" : " (less is better)"),
                    metric.unit(),
                    commits,
                    series)));
    return charts;
  }

  private record Key(String scenario, String system, Metric metric) {}

  /** One figure's way through the commits; null where a commit was not measured. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and gone with the report.
  private record Track(String label, SystemSummary[] byCommit) {}
}
