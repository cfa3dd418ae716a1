package io.highwater.perf;

import io.highwater.client.cli.CliStreams;
import io.highwater.perf.report.HtmlReport;
import io.highwater.perf.report.MarkdownReport;
import io.highwater.perf.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a report goes. */
final class ReportFiles {
  @Option(names = "--html", paramLabel = "FILE", description = "The report as one HTML page.")
  private Path html;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "The report as Markdown. Printed when neither this nor --html is given.")
  private Path markdown;

  /**
   * Finds out before anything is measured that files cannot be written.
   *
   * @param file null when not asked for
   * @throws IllegalArgumentException naming the file
   */
  static void requireWritable(String option, Path file) {
    if (file == null) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)
        || !(Files.exists(file) ? Files.isWritable(file) : Files.isWritable(parent))) {
      throw new IllegalArgumentException(option + ": " + file + " cannot be written");
    }
  }

  /** The same for the report's own files. */
  void requireWritable() {
    requireWritable("--html", html);
    requireWritable("--markdown", markdown);
  }

  /** Writes the report to the files that were named, or prints it. */
  void write(CliStreams streams, Report report) throws IOException {
    if (html != null) {
      Files.writeString(html, HtmlReport.render(report));
    }
    if (markdown != null) {
      Files.writeString(markdown, MarkdownReport.render(report));
    }
    if (html == null && markdown == null) {
      streams.print(MarkdownReport.render(report));
    }
  }
}
