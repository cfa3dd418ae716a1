package io.highwater.replication.sim;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Which seeds a test runs with, and how: as many at once as there are processors. */
public final class Seeds {
  /** More failures say no more. */
  private static final int MOST_FAILURES = 10;

  private Seeds() {}

  /**
   * Runs with seeds 1 to {@code count}; {@code -Dhighwater.sim.seeds=N} for another number of them,
   * {@code -Dhighwater.sim.seed=S} to begin with, and if no number is given stay with, another one.
   *
   * @param test the class to run again for one seed; it fails with the lowest seed that failed
   * @return how many seeds there were
   */
  public static int each(int count, Class<?> test, LongConsumer run) {
    Long only = Long.getLong("highwater.sim.seed");
    int number = Integer.getInteger("highwater.sim.seeds", only == null ? count : 1);
    long first = only == null ? 1 : only;
    Map<Long, Throwable> failures = new ConcurrentSkipListMap<>();
    LongStream.range(first, first + number)
        .parallel()
        .filter(seed -> failures.size() < MOST_FAILURES)
        .forEach(
            seed -> {
              try {
                run.accept(seed);
              } catch (AssertionError | RuntimeException e) {
                failures.put(seed, e);
              }
            });
    failures.forEach(
        (seed, failure) -> {
          throw new AssertionError(
              "seeds "
                  + failures.keySet()
                  + " fail. Again, the first of them alone:\n"
                  + command(test, seed)
                  + "\n"
                  + failure.getMessage(),
              failure);
        });
    return number;
  }

  /**
   * Looks for a seed of 1 to {@code count} with which a run fails as it should.
   *
   * @param rules a pattern that the first line of the failure has
   * @return that line, if there is such a seed
   */
  public static Optional<String> caught(int count, String rules, LongConsumer run) {
    Pattern expected = Pattern.compile(rules);
    return LongStream.rangeClosed(1, count)
        .parallel()
        .mapToObj(seed -> failure(seed, run))
        .filter(failure -> expected.matcher(failure).find())
        .findAny();
  }

  /** What a seed finds, or nothing. */
  private static String failure(long seed, LongConsumer run) {
    try {
      run.accept(seed);
      return "";
    } catch (AssertionError e) {
      return e.getMessage().lines().findFirst().orElse("");
    }
  }

  /** What runs a test with one seed only. */
  static String command(Class<?> test, long seed) {
    // io.highwater.MODULE…
    String module = test.getPackageName().split("\\.", -1)[2];
    return "mvn -pl "
        + module
        + " -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest="
        + test.getSimpleName()
        + " -Dhighwater.sim.seed="
        + seed;
  }
}
