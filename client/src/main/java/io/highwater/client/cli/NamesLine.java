package io.highwater.client.cli;

import java.util.List;

/** Names on a line of their own, as many as people read. Pure. */
final class NamesLine {
  /** All of them are in the JSON form. */
  static final int MAX_NAMES = 20;

  private NamesLine() {}

  /** A line break and the line; nothing where there are no names. */
  static String of(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    int more = names.size() - MAX_NAMES;
    return "\n"
        + what
        + " "
        + String.join(" ", names.subList(0, Math.min(MAX_NAMES, names.size())))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
