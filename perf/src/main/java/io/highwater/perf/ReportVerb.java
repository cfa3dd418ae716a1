package io.highwater.perf;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.perf.compare.ResultLine;
import io.highwater.perf.compare.ResultsFile;
import io.highwater.perf.report.ComparisonReport;
import io.highwater.perf.report.HistoryReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code highwater perf report}. */
@Command(
    name = "report",
    description = {
      "Show what results files of 'perf compare' hold: of each scenario its newest run, and how"
          + " figures moved between commits.",
      "A damaged line is named and nothing is shown."
    })
final class ReportVerb implements Callable<Integer> {
  private final CliStreams streams;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Results files.")
  private List<Path> files;

  @Mixin private ReportFiles report;

  ReportVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    report.requireWritable();
    List<ResultLine> lines = new ArrayList<>();
    for (Path file : files) {
      lines.addAll(new ResultsFile(file).read());
    }
    // Files may be named in any order; lines of one run keep theirs.
    lines.sort(Comparator.comparing(ResultLine::run));
    report.write(streams, ComparisonReport.of(lines).with(HistoryReport.sections(lines)));
    return CliError.DONE;
  }
}
