package io.highwater.perf.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All rounds of all systems in one scenario.
 *
 * @param scenario its name
 * @param group what it is shown with
 * @param label its name within the group
 * @param headline the metrics to show, the one that it is about first
 * @param systems the one that the others are compared with first
 */
public record ScenarioSummary(
    String scenario,
    String group,
    String label,
    List<Metric> headline,
    List<SystemSummary> systems) {
  /** Ours, in one of which every scenario has the system that the others are compared with. */
  private static final List<String> SUBJECTS = List.of("highwater", "log-store");

  public ScenarioSummary {
    headline = List.copyOf(headline);
    systems = List.copyOf(systems);
  }

  /** Sums up lines, scenario by scenario, in the order in which they first appear. */
  public static List<ScenarioSummary> of(List<ResultLine> lines) {
    Map<String, List<ResultLine>> byScenario = new LinkedHashMap<>();
    for (ResultLine line : lines) {
      byScenario.computeIfAbsent(line.scenario(), absent -> new ArrayList<>()).add(line);
    }
    return byScenario.values().stream().map(ScenarioSummary::ofOne).toList();
  }

  /** The metric that the scenario is about. */
  public Metric primary() {
    return headline.get(0);
  }

  private static ScenarioSummary ofOne(List<ResultLine> lines) {
    Map<String, List<ResultLine>> bySystem = new LinkedHashMap<>();
    for (String subject : SUBJECTS) {
      if (lines.stream().anyMatch(line -> line.system().equals(subject))) {
        bySystem.put(subject, new ArrayList<>());
      }
    }
    for (ResultLine line : lines) {
      bySystem.computeIfAbsent(line.system(), absent -> new ArrayList<>()).add(line);
    }
    List<SystemSummary> systems = new ArrayList<>();
    bySystem.forEach((system, rounds) -> systems.add(SystemSummary.of(system, rounds)));
    ResultLine newest = lines.get(lines.size() - 1);
    return new ScenarioSummary(
        newest.scenario(), newest.group(), newest.label(), newest.headlineMetrics(), systems);
  }
}
