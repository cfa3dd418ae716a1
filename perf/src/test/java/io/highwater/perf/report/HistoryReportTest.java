package io.highwater.perf.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.perf.compare.Conditions;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.SampleLines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HistoryReportTest {
  @Test
  void oneCommitHasNoHistory() {
    assertThat(HistoryReport.sections(commit("aaa", 1e6))).isEmpty();
  }

  @Test
  void figuresMoveFromCommitToCommit() {
    List<ResultLine> lines = new ArrayList<>();
    lines.addAll(commit("aaa", 1e6));
    lines.addAll(commit("bbb", 2e6));
    lines.addAll(commit("ccc", 1.999e6));

    List<Report.Section> sections = HistoryReport.sections(lines);

    assertThat(sections).hasSize(1);
    assertThat(sections.get(0).table().header())
        .containsExactly("Scenario", "System", "Unit", "aaa", "bbb", "ccc", "Last move");
    assertThat(sections.get(0).table().rows().get(0))
        .extracting(Report.Cell::text)
        .endsWith("2.00 M (1.99 M–2.01 M)", "2.00 M (1.99 M–2.01 M)", "1.00× within noise");
    Chart chart = sections.get(0).charts().get(0);
    assertThat(chart.kind()).isEqualTo(Chart.Kind.HISTORY);
    assertThat(chart.labels()).containsExactly("aaa", "bbb", "ccc");
    assertThat(chart.series().get(0).points())
        .extracting(Chart.Point::median)
        .containsExactly(1e6, 2e6, 1.999e6);
  }

  @Test
  void aCommitThatDidNotMeasureAScenarioLeavesAGap() {
    List<ResultLine> lines = new ArrayList<>();
    lines.addAll(commit("aaa", 1e6));
    lines.add(SampleLines.latency("highwater", 1, 50));
    lines.addAll(commit("bbb", 2e6));

    List<Report.Section> sections = HistoryReport.sections(lines);

    assertThat(sections)
        .filteredOn(section -> section.title().contains("Latency"))
        .singleElement()
        .satisfies(
            section ->
                assertThat(section.charts().get(0).series().get(0).points())
                    .hasSize(3)
                    .satisfiesExactly(
                        first -> assertThat(first).isNull(),
                        second -> assertThat(second).isNotNull(),
                        third -> assertThat(third).isNull()));
  }

  @Test
  void otherConditionsStandApart() {
    List<ResultLine> lines = new ArrayList<>(commit("aaa", 1e6));
    for (ResultLine line : commit("bbb", 2e6)) {
      lines.add(
          new ResultLine(
              line.run(),
              line.time(),
              line.commit(),
              new Conditions(SampleLines.CONDITIONS.machine(), 1, 1, null),
              line.scenario(),
              line.group(),
              line.label(),
              line.headline(),
              line.system(),
              line.round(),
              line.outcome(),
              line.reason(),
              line.configuration(),
              line.metrics()));
    }

    assertThat(HistoryReport.sections(lines)).isEmpty();
  }

  private static List<ResultLine> commit(String commit, double recordsPerSecond) {
    List<ResultLine> lines = new ArrayList<>();
    for (int round = 1; round <= 3; round++) {
      double value = recordsPerSecond + (round - 2) * 10_000;
      lines.add(SampleLines.measured("run-" + commit, commit, "highwater", round, value));
    }
    return lines;
  }
}
