package io.highwater.perf.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A report before it has a form. All texts are plain; who renders it escapes them.
 *
 * @param facts what a reader must know: where, when, how
 * @param notes the rules by which figures were made, one paragraph each
 */
public record Report(String title, List<Fact> facts, List<String> notes, List<Section> sections) {
  public Report {
    facts = List.copyOf(facts);
    notes = List.copyOf(notes);
    sections = List.copyOf(sections);
  }

  /** The same with more sections at the end. */
  public Report with(List<Section> more) {
    List<Section> all = new ArrayList<>(sections);
    all.addAll(more);
    return new Report(title, facts, notes, all);
  }

  /** Something to know. */
  public record Fact(String name, String value) {}

  /** A table and the charts of what it says. */
  public record Section(String title, Table table, List<Chart> charts) {
    public Section {
      charts = List.copyOf(charts);
    }
  }

  /** Rows of as many cells as the header has. */
  public record Table(List<String> header, List<List<Cell>> rows) {
    public Table {
      header = List.copyOf(header);
      rows = List.copyOf(rows);
    }
  }

  /** Text and how it is meant. */
  public record Cell(String text, Tone tone) {
    /** Text that is just said. */
    static Cell of(String text) {
      return new Cell(text, Tone.PLAIN);
    }
  }

  /** How a text is meant. */
  public enum Tone {
    /** Just said. */
    PLAIN,
    /** Good news. */
    GOOD,
    /** Bad news. */
    BAD,
    /** Nothing to build on. */
    DOUBTFUL
  }
}
