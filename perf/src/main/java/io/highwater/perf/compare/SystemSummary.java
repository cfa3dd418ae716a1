package io.highwater.perf.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All rounds of one system in one scenario.
 *
 * @param spreads by metric, of the rounds that were measured
 * @param rounds how many there are lines of
 * @param measured how many of them were measured
 * @param problems what happened in the others, for people; empty when there are none
 */
public record SystemSummary(
    String system, Map<Metric, Spread> spreads, int rounds, int measured, List<String> problems) {
  public SystemSummary {
    spreads = Map.copyOf(spreads);
    problems = List.copyOf(problems);
  }

  /** Sums up lines of one system and scenario. */
  static SystemSummary of(String system, Collection<ResultLine> lines) {
    Map<Metric, List<Double>> values = new LinkedHashMap<>();
    // One reason for all rounds is said once.
    Set<String> problems = new LinkedHashSet<>();
    int measured = 0;
    for (ResultLine line : lines) {
      if (line.outcome() != Outcome.MEASURED) {
        problems.add(line.problem());
        continue;
      }
      measured++;
      line.metrics()
          .forEach(
              (key, value) ->
                  Metric.ofKey(key)
                      .ifPresent(
                          metric ->
                              values
                                  .computeIfAbsent(metric, absent -> new ArrayList<>())
                                  .add(value)));
    }
    Map<Metric, Spread> spreads = new LinkedHashMap<>();
    values.forEach((metric, all) -> spreads.put(metric, Spread.of(all)));
    return new SystemSummary(system, spreads, lines.size(), measured, List.copyOf(problems));
  }

  /** What was measured, if it was. */
  public Optional<Spread> spread(Metric metric) {
    return Optional.ofNullable(spreads.get(metric));
  }

  /** Whether every round was measured. */
  public boolean isComplete() {
    return measured == rounds && rounds > 0;
  }
}
