package io.highwater.perf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.ErrorLines;
import io.highwater.perf.compare.FakeSystem;
import io.highwater.perf.compare.Outcome;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.ResultsFile;
import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.HighwaterSystem;
import io.highwater.server.cli.HighwaterCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class CompareVerbTest {
  private static final String PRODUCE = "produce/rf1/100B/none/16KiB";

  @TempDir private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void highwaterIsMeasuredKeptAndReported() throws IOException {
    Path results = directory.resolve("results.jsonl");
    Path html = directory.resolve("report.html");

    int exit =
        compare(
            List.of(brokersOfThisClassPath()),
            "--quick",
            "--only=disk/100B/none",
            "--data=" + directory,
            "--results=" + results,
            "--html=" + html);

    assertThat(exit).as(err()).isZero();
    List<ResultLine> lines = new ResultsFile(results).read();
    assertThat(lines).singleElement().extracting(ResultLine::outcome).isEqualTo(Outcome.MEASURED);
    assertThat(lines.get(0).metrics().get("diskBytesPerRecord")).isBetween(100.0, 120.0);
    assertThat(lines.get(0).metrics()).containsKeys("recordsPerSecond", "cpuMicrosPerRecord");
    assertThat(Jsoup.parse(Files.readString(html)).select("td").eachText())
        .contains("disk/100B/none");
    assertThat(directory.toFile().list()).containsOnly("results.jsonl", "report.html");

    assertThat(PerfCommand.run(streams(), "report", results.toString())).isZero();
    assertThat(out()).contains("| disk/100B/none |");
  }

  @Test
  void roundsThatFailAreReportedAndTheExitCodeSaysSo() throws IOException {
    Path markdown = directory.resolve("report.md");

    int exit =
        compare(
            List.of(
                new FakeSystem("highwater"), new FakeSystem("kafka").failingToStart("no memory")),
            "--only",
            PRODUCE,
            "--seconds=0.001",
            "--data",
            directory.toString(),
            "--markdown",
            markdown.toString());

    assertThat(exit).isEqualTo(1);
    assertThat(err())
        .contains("FAILED: no memory", "highwater: NOT_MEASURED: 3 of 6 rounds")
        .contains("[1/1] " + PRODUCE + "  highwater  3/3  Records per second 2,000 records/s");
    assertThat(markdown).content().contains("round 1 failed: no memory", "not comparable");
    assertThat(out()).isEmpty();
  }

  @Test
  void aSkippedPeerIsNoFailure() {
    int exit =
        compare(
            List.of(
                new FakeSystem("highwater"),
                new FakeSystem("kafka").skippedBecause("not resolved: offline")),
            "--only=" + PRODUCE,
            "--seconds=0.001",
            "--data=" + directory);

    assertThat(exit).as(err()).isZero();
    assertThat(out()).contains("skipped: not resolved: offline", "2,000");
  }

  @Test
  void listNamesScenariosAndRunsNothing() {
    FakeSystem system = new FakeSystem("highwater");

    assertThat(compare(List.of(system), "--list", "--only=consume/*")).isZero();

    assertThat(out().lines()).hasSize(2).allMatch(line -> line.startsWith("consume/rf1/1"));
    assertThat(system.started()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "--only=nothing, no scenario is called 'nothing'",
    "--systems=kafka, 'kafka' is none of highwater",
    "--rounds=2, fewer than 3",
    "--rounds=0, --rounds",
    "--seconds=-1, --seconds",
    "--restart-mib=9223372036854775807, --restart-mib",
    "--data=/no/such/place, --data: /no/such/place",
    "--results=/no/such/place/file, --results",
    "--html=/no/such/place/file, --html",
  })
  void whatCannotBeDoneIsSaidInOneLineBeforeAnythingRuns(String option, String text) {
    FakeSystem system = new FakeSystem("highwater");

    assertThat(compare(List.of(system), option)).isPositive();

    assertThat(err()).startsWith("highwater: INVALID_ARGUMENT: ").contains(text).hasLineCount(1);
    assertThat(system.started()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "'', INVALID_ARGUMENT, holds no results",
    "hello, INVALID_ARGUMENT, results.jsonl:1: not JSON",
  })
  void filesThatHoldNoResultsAreNamedInOneLine(String content, String name, String text)
      throws IOException {
    Path results = directory.resolve("results.jsonl");
    Files.writeString(results, content);

    assertThat(PerfCommand.run(streams(), "report", results.toString())).isEqualTo(1);

    assertThat(err()).startsWith("highwater: " + name + ": ").contains(text).hasLineCount(1);
    assertThat(out()).isEmpty();
  }

  private int compare(List<? extends ComparedSystem> systems, String... args) {
    CommandLine verb = new CommandLine(new CompareVerb(streams(), () -> List.copyOf(systems)));
    ErrorLines.on(verb, streams());
    return verb.execute(args);
  }

  private CliStreams streams() {
    return new CliStreams(
        InputStream.nullInputStream(), out, new PrintStream(err, true, UTF_8), false);
  }

  private String out() {
    return out.toString(UTF_8);
  }

  private String err() {
    return err.toString(UTF_8);
  }

  /** Not by the launcher, which would build first. */
  private static ComparedSystem brokersOfThisClassPath() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            HighwaterCommand.class.getName()));
    return new HighwaterSystem(command);
  }
}
