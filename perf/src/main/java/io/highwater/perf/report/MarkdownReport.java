package io.highwater.perf.report;

import io.highwater.perf.report.Report.Cell;
import io.highwater.perf.report.Report.Section;
import java.util.List;
import java.util.stream.Collectors;

/** A report as Markdown with tables, for a README. */
public final class MarkdownReport {
  private MarkdownReport() {}

  /** The text, with its line ends. */
  public static String render(Report report) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(escape(report.title())).append("\n\n");
    for (Report.Fact fact : report.facts()) {
      text.append("- ").append(escape(fact.name())).append(": ");
      text.append(escape(fact.value())).append('\n');
    }
    for (String note : report.notes()) {
      text.append('\n').append(escape(note)).append('\n');
    }
    for (Section section : report.sections()) {
      text.append("\n## ").append(escape(section.title())).append("\n\n");
      append(text, section.table());
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Report.Table table) {
    row(text, table.header().stream().map(MarkdownReport::escape).toList());
    row(text, table.header().stream().map(cell -> "---").toList());
    for (List<Cell> cells : table.rows()) {
      row(text, cells.stream().map(MarkdownReport::cell).toList());
    }
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
  }

  private static String cell(Cell cell) {
    String text = escape(cell.text());
    return switch (cell.tone()) {
      case GOOD -> "**" + text + "**";
      case DOUBTFUL -> "_" + text + "_";
      case PLAIN, BAD -> text;
    };
  }

  // What comes from results files must not become markup, nor a cell or line of its own.
  private static String escape(String text) {
    return text.replaceAll("\\s+", " ")
        .replaceAll("([\\\\`*_\\[\\]|])", "\\\\$1")
        .replace("&", "&amp;")
        .replace("<", "&lt;");
  }
}
