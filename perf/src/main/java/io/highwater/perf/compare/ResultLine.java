package io.highwater.perf.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One round of one system in one scenario, as a line of a results file. Fields are only ever added;
 * what an older line lacks gets a neutral value, what a newer one has besides is ignored.
 *
 * @param run names the session: when it began, ISO 8601 in UTC; empty in lines that do not tell
 * @param time when the round ended, in the same form
 * @param commit of the measured source, or {@code unknown}
 * @param conditions of the run
 * @param scenario name of the scenario
 * @param group what the scenario is shown with
 * @param label its name within the group
 * @param headline keys of the metrics to show, the one that the scenario is about first
 * @param system what was measured
 * @param round from 1; 0 when the system was skipped
 * @param outcome how it ended
 * @param reason why it did not end well; null when it did
 * @param configuration of the work and of the system, for people
 * @param metrics by {@link Metric#key}; empty unless measured
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResultLine(
    String run,
    String time,
    String commit,
    Conditions conditions,
    String scenario,
    String group,
    String label,
    List<String> headline,
    String system,
    int round,
    Outcome outcome,
    String reason,
    Map<String, String> configuration,
    Map<String, Double> metrics) {
  /** The configuration's key for how the system was set up. */
  public static final String SETUP = "setup";

  /**
   * Checks what no line may lack.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  public ResultLine {
    require(scenario != null && !scenario.isBlank(), "has no scenario");
    require(system != null && !system.isBlank(), "has no system");
    require(outcome != null, "has no outcome");
    run = run == null ? "" : run;
    time = time == null ? run : time;
    commit = commit == null ? "unknown" : commit;
    conditions = conditions == null ? new Conditions(null, 0, 0, null) : conditions;
    group = group == null ? scenario : group;
    label = label == null ? scenario : label;
    headline = headline == null ? List.of() : List.copyOf(headline);
    configuration = configuration == null ? Map.of() : sorted(configuration);
    metrics = metrics == null ? Map.of() : sorted(metrics);
    metrics.forEach(
        (key, value) -> require(Double.isFinite(value), "metric " + key + " is no number"));
    require(outcome != Outcome.MEASURED || !metrics.isEmpty(), "was measured but has no metrics");
  }

  /** The metrics to show, the one that the scenario is about first; never empty. */
  @JsonIgnore
  public List<Metric> headlineMetrics() {
    List<Metric> known =
        headline.stream().map(Metric::ofKey).flatMap(Optional::stream).distinct().toList();
    return known.isEmpty() ? List.of(Metric.RECORDS_PER_SECOND) : known;
  }

  /** What went wrong, for people. */
  @JsonIgnore
  String problem() {
    String why = reason == null ? "no reason given" : reason;
    return switch (outcome) {
      case MEASURED -> "";
      case SKIPPED -> "skipped: " + why;
      case FAILED -> "round " + round + " failed: " + why;
      case UNSOUND -> "round " + round + " unsound: " + why;
    };
  }

  private static <V> Map<String, V> sorted(Map<String, V> map) {
    map.forEach((key, value) -> require(value != null, key + " is null"));
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
