package io.highwater.replication.sim;

import java.util.stream.LongStream;

/** Which seeds a test runs with. */
final class Seeds {
  private Seeds() {}

  /**
   * The first so many seeds; {@code -Dhighwater.sim.seeds=N} for another number of them, {@code
   * -Dhighwater.sim.seed=N} for that one alone.
   */
  static long[] first(int count) {
    Long only = Long.getLong("highwater.sim.seed");
    int number = Integer.getInteger("highwater.sim.seeds", count);
    return only == null ? LongStream.rangeClosed(1, number).toArray() : new long[] {only};
  }
}
