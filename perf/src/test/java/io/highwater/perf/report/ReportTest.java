package io.highwater.perf.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.highwater.perf.compare.Outcome;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.SampleLines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;

final class ReportTest {
  private static final String HOSTILE = "</script><img src=x onerror=alert(1)> | `*a*` {{library}}";

  @Test
  void thePageParsesAndReachesForNothingOutside() {
    Parser parser = Parser.htmlParser().setTrackErrors(10);

    Document page = Jsoup.parse(page(ComparisonReport.of(threeRounds())), "", parser);

    assertThat(parser.getErrors()).isEmpty();
    assertThat(page.select("[src], [href], link, iframe, object, base, form")).isEmpty();
    assertThat(page.select("style").html()).doesNotContain("url(", "@import");
    assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
        .contains("default-src 'none'")
        .doesNotContain("http", "*");
    assertThat(page.select("script")).hasSize(3);
  }

  @Test
  void everyChartHasItsDataAndEveryRowAllItsCells() throws JsonProcessingException {
    List<ResultLine> lines = new ArrayList<>(threeRounds());
    for (int round = 1; round <= 3; round++) {
      lines.add(SampleLines.latency("highwater", round, 100 + round));
      lines.add(SampleLines.latency("kafka", round, 300 + round));
    }

    Document page = Jsoup.parse(page(ComparisonReport.of(lines)));
    JsonNode charts = new ObjectMapper().readTree(page.getElementById("charts").data());

    assertThat(page.select("figure")).hasSameSizeAs(charts);
    for (Element figure : page.select("figure")) {
      JsonNode chart = charts.get(Integer.parseInt(figure.attr("data-chart")));
      assertThat(figure.select("figcaption").text()).isEqualTo(chart.get("title").asText());
      assertThat(chart.get("series")).isNotEmpty();
    }
    assertThat(charts.findValuesAsText("kind")).contains("BARS", "PERCENTILES");
    for (Element table : page.select("table")) {
      int columns = table.select("th").size();
      assertThat(table.select("tbody tr")).allMatch(row -> row.select("td").size() == columns);
    }
  }

  @Test
  void whatComesFromFilesIsTextAndNothingElse() throws JsonProcessingException {
    List<ResultLine> lines = Stream.of("highwater", HOSTILE).map(ReportTest::hostile).toList();
    Report report = ComparisonReport.of(lines);

    Document page = Jsoup.parse(page(report));

    assertThat(page.select("img")).isEmpty();
    assertThat(page.select("script")).hasSize(3);
    assertThat(page.text()).contains(HOSTILE);
    assertThat(new ObjectMapper().readTree(page.getElementById("charts").data()).toString())
        .contains("onerror=alert");
    String markdown = MarkdownReport.render(report);
    assertThat(markdown).doesNotContain("<img", "</script", "`*a*`");
    assertThat(tableRows(markdown)).isNotEmpty().allMatch(row -> cells(row) == 6);
  }

  @Test
  void medianRangeRatioAndVerdictAreSaid() {
    String markdown = MarkdownReport.render(ComparisonReport.of(threeRounds()));

    assertThat(markdown)
        .contains("2.00 M (1.90 M–2.10 M)", "500 k (400 k–600 k)", "**4.00× better**")
        .contains("c0ffee", "10 s of warm-up", "page cache filled", "version: 1");
  }

  @Test
  void overlapIsSaidToBeNoise() {
    List<ResultLine> lines = new ArrayList<>();
    for (int round = 1; round <= 3; round++) {
      lines.add(SampleLines.measured("highwater", round, 100 + round));
      lines.add(SampleLines.measured("kafka", round, 98 + round));
    }

    assertThat(MarkdownReport.render(ComparisonReport.of(lines)))
        .contains("_1.02× within noise_")
        .doesNotContain("× better", "× worse");
  }

  @Test
  void failuresMismatchesAndSkippedPeersAreShown() {
    List<ResultLine> lines = new ArrayList<>(threeRounds());
    lines.add(SampleLines.unmeasured("kafka", 4, Outcome.UNSOUND, "checksum differs"));
    lines.add(SampleLines.unmeasured("rocket", 0, Outcome.SKIPPED, "not resolved: offline"));
    lines.add(SampleLines.unmeasured("wreck", 1, Outcome.FAILED, "did not start"));
    Report report = ComparisonReport.of(lines);

    assertThat(MarkdownReport.render(report))
        .contains("3 of 4 rounds; round 4 unsound: checksum differs")
        .contains("4.00× not comparable")
        .contains("skipped: not resolved: offline")
        .contains("round 1 failed: did not start");
    assertThat(Jsoup.parse(page(report)).select("td.bad").eachText())
        .contains("skipped: not resolved: offline", "round 1 failed: did not start");
  }

  @Test
  void ofEachScenarioTheNewestRunIsCompared() {
    List<ResultLine> lines = new ArrayList<>(threeRounds());
    lines.add(SampleLines.measured("2026-02-01T00:00:00Z", "beef", "highwater", 1, 7e6));
    lines.add(SampleLines.latency("highwater", 1, 100));

    String markdown = MarkdownReport.render(ComparisonReport.of(lines));

    assertThat(markdown).contains("7.00 M", "latency/rf1/1KiB/1000").doesNotContain("2.00 M");
  }

  private static List<ResultLine> threeRounds() {
    List<ResultLine> lines = new ArrayList<>();
    for (int round = 1; round <= 3; round++) {
      lines.add(SampleLines.measured("kafka", round, 300_000 + round * 100_000));
      lines.add(SampleLines.measured("highwater", round, 1_800_000 + round * 100_000));
    }
    return lines;
  }

  private static ResultLine hostile(String system) {
    return new ResultLine(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        null,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        null,
        system,
        1,
        Outcome.MEASURED,
        null,
        Map.of(ResultLine.SETUP, HOSTILE),
        Map.of("recordsPerSecond", 1.0));
  }

  private static String page(Report report) {
    return HtmlReport.render(report);
  }

  private static List<String> tableRows(String markdown) {
    return markdown.lines().filter(line -> line.startsWith("|")).toList();
  }

  /** Cells of a row, whose borders are the bars that nothing escapes. */
  private static int cells(String row) {
    return row.split("(?<!\\\\)\\|", -1).length - 2;
  }
}
