package io.highwater.perf.compare;

import java.io.IOException;

/** Follows a comparison; called by the thread that runs it. */
public interface ComparisonListener {
  /** A round begins. */
  void roundBegins(Scenario scenario, String system, int round);

  /** A round ended, or a system was skipped; the line may be kept. */
  void lineAdded(ResultLine line) throws IOException;
}
