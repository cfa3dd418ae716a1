package io.highwater.perf.load;

/**
 * When each record of an open loop is due. The times are fixed beforehand: what the system does
 * with one record delays none of the others, and a record sent late has waited since it was due.
 *
 * @param startNanos when record 0 is due
 * @param perSecond records per second, above 0
 */
record Pace(long startNanos, double perSecond) {
  private static final double NANOS_PER_SECOND = 1e9;

  Pace {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("a pace of " + perSecond + " per second is not above 0");
    }
  }

  /** When a record is due, by the clock that {@code startNanos} is of. */
  long dueNanos(long index) {
    return startNanos + (long) (index * (NANOS_PER_SECOND / perSecond));
  }

  /** One of several producers that share the pace: it sends every so-manieth record. */
  Pace share(int part, int parts) {
    return new Pace(dueNanos(part), perSecond / parts);
  }
}
