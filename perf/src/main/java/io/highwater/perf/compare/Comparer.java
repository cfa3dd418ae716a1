package io.highwater.perf.compare;

import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.TemporaryDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Runs scenarios one after the other; in each of them systems take turns (A B A B …), so that
 * whatever drifts in the machine meets all of them alike. Every round starts with new processes and
 * an empty directory and nothing of it stays. A round that goes wrong is a result like any other.
 */
public final class Comparer {
  private final RunSettings settings;
  private final Conditions conditions;
  private final String commit;
  private final Preparation preparation;
  private final Clock clock;
  private final RoundRunner rounds;
  private final Map<String, Optional<String>> skipReasons = new HashMap<>();
  private volatile boolean stopped;

  /**
   * A comparer that has not started.
   *
   * @param commit of the measured source
   * @param preparation done before each round
   */
  public Comparer(
      RunSettings settings,
      Conditions conditions,
      String commit,
      Preparation preparation,
      Clock clock) {
    this.settings = settings;
    this.conditions = conditions;
    this.commit = commit;
    this.preparation = preparation;
    this.clock = clock;
    this.rounds = new RoundRunner(settings);
  }

  /** What is done before each round: see that there is room, fill the page cache. */
  public interface Preparation {
    /**
     * Prepares.
     *
     * @param directory on the disk that will be written to
     * @throws IOException when the round cannot be run, and no other; ends the comparison
     */
    void prepare(Scenario scenario, Path directory) throws IOException;
  }

  /**
   * Runs all scenarios, each on those of the systems that take part in it.
   *
   * @param directory existing, on the disk that is measured; rounds leave nothing in it
   * @throws IOException when the disk fails or is too full; what is done until then has been told
   */
  public void run(
      List<Scenario> scenarios,
      List<ComparedSystem> systems,
      Path directory,
      ComparisonListener listener)
      throws IOException {
    String run = now();
    for (Scenario scenario : scenarios) {
      List<ComparedSystem> taking =
          systems.stream().filter(one -> scenario.systems().contains(one.name())).toList();
      for (int round = 1; round <= settings.rounds(); round++) {
        for (ComparedSystem system : taking) {
          if (stopped) {
            return;
          }
          Optional<String> skipped =
              skipReasons.computeIfAbsent(system.name(), name -> system.skipReason());
          if (skipped.isEmpty()) {
            preparation.prepare(scenario, directory);
            listener.roundBegins(scenario, system.name(), round);
            ResultLine line = round(run, scenario, system, round, directory);
            if (!stopped || line.outcome() == Outcome.MEASURED) {
              listener.lineAdded(line);
            }
          } else if (round == 1) {
            listener.lineAdded(
                line(run, scenario, system, 0, Outcome.SKIPPED, skipped.get(), Map.of()));
          }
        }
      }
    }
  }

  /**
   * Ends the comparison: no round begins any more, and one that is broken off is not told of. From
   * any thread.
   */
  public void stop() {
    stopped = true;
  }

  private ResultLine round(
      String run, Scenario scenario, ComparedSystem system, int round, Path directory)
      throws IOException {
    Path data = Files.createTempDirectory(directory, system.name() + "-");
    try {
      Map<Metric, Double> metrics = rounds.run(scenario, system, data);
      return line(run, scenario, system, round, Outcome.MEASURED, null, metrics);
    } catch (UnsoundRoundException e) {
      return line(run, scenario, system, round, Outcome.UNSOUND, reason(e), Map.of());
    } catch (RuntimeException e) {
      // Whatever breaks in one system's round must not take the others' results with it.
      return line(run, scenario, system, round, Outcome.FAILED, reason(e), Map.of());
    } finally {
      TemporaryDirectory.deleteTree(data);
    }
  }

  private static String reason(RuntimeException e) {
    String text = e.getMessage() == null ? e.toString() : e.getMessage();
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private ResultLine line(
      String run,
      Scenario scenario,
      ComparedSystem system,
      int round,
      Outcome outcome,
      String reason,
      Map<Metric, Double> metrics) {
    Map<String, String> configuration = new LinkedHashMap<>(scenario.configuration());
    if (scenario.work() == Work.RESTART) {
      configuration.put("restartBytes", String.valueOf(settings.restartBytes()));
    }
    if (outcome != Outcome.SKIPPED) {
      configuration.put(ResultLine.SETUP, setup(system, scenario));
    }
    return new ResultLine(
        run,
        now(),
        commit,
        conditions,
        scenario.name(),
        scenario.group(),
        scenario.label(),
        scenario.headline().stream().map(Metric::key).toList(),
        system.name(),
        round,
        outcome,
        reason,
        configuration,
        metrics.entrySet().stream()
            .filter(entry -> Double.isFinite(entry.getValue()))
            .collect(Collectors.toMap(entry -> entry.getKey().key(), Map.Entry::getValue)));
  }

  private static String setup(ComparedSystem system, Scenario scenario) {
    return system.setup(scenario.work().purpose()).entrySet().stream()
        .map(entry -> entry.getKey() + ": " + entry.getValue())
        .collect(Collectors.joining("; "));
  }

  private String now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
