package io.highwater.perf.micro;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark came to.
 *
 * @param benchmark class and method
 * @param params values of its parameters
 * @param nanoseconds per operation, on average; the benchmark's Javadoc says what an operation is
 * @param error half the 99.9 % confidence interval; null with fewer than three iterations
 * @param profile what profilers say, by their names for it: {@code gc.alloc.rate.norm} is allocated
 *     bytes per operation
 */
public record MicroResult(
    String benchmark,
    Map<String, String> params,
    double nanoseconds,
    Double error,
    Map<String, Double> profile) {

  /** Takes over a result of JMH's. */
  public static MicroResult of(RunResult run) {
    BenchmarkParams benchmark = run.getParams();
    Map<String, String> params = new TreeMap<>();
    benchmark.getParamsKeys().forEach(key -> params.put(key, benchmark.getParam(key)));
    Map<String, Double> profile = new TreeMap<>();
    run.getSecondaryResults()
        .forEach((label, result) -> profile.put(label.replace("·", ""), result.getScore()));
    String name = benchmark.getBenchmark();
    double error = run.getPrimaryResult().getScoreError();
    String className = name.substring(0, name.lastIndexOf('.'));
    return new MicroResult(
        name.substring(className.lastIndexOf('.') + 1),
        params,
        run.getPrimaryResult().getScore(),
        Double.isNaN(error) ? null : error,
        profile);
  }

  /** The same for people. */
  public String line() {
    Double allocated = profile.get("gc.alloc.rate.norm");
    return String.format(
        Locale.ROOT,
        "%-40s %-40s %,14.1f ns/op%s%n",
        benchmark,
        params.isEmpty() ? "" : params.toString(),
        nanoseconds,
        allocated == null ? "" : String.format(Locale.ROOT, " %,10.1f B/op", allocated));
  }
}
