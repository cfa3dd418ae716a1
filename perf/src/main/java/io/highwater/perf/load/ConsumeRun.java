package io.highwater.perf.load;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Reads a topic from its beginning in whole passes, each with a client of its own: as many as the
 * warm-up takes, then the measured ones. Only the time from the first poll to the last record of
 * each pass counts. A pass whose records do not come, or are not those expected, ends the run.
 */
final class ConsumeRun {
  private static final LoadClock CLOCK = new SystemLoadClock();
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final LoadSpec spec;
  private final LoadTarget target;
  private final LoadObserver observer;
  private final StopSignal stop;
  private final long passRecords;

  ConsumeRun(LoadSpec spec, LoadTarget target, LoadObserver observer, StopSignal stop) {
    this.spec = spec;
    this.target = target;
    this.observer = observer;
    this.stop = stop;
    this.passRecords = spec.expected() == null ? spec.passRecords() : spec.expected().records();
  }

  /**
   * What one or several passes read.
   *
   * @param last what the last pass read
   * @param failure what was wrong, or null
   */
  private record Passes(Tally all, long nanos, Tally last, String failure) {
    static final Passes NONE = new Passes(Tally.NONE, 0, Tally.NONE, null);

    Passes then(Passes next) {
      return new Passes(all.plus(next.all), nanos + next.nanos, next.last, next.failure);
    }
  }

  LoadResult run() {
    ResourceMeter meter = new ResourceMeter(spec.brokerPids());
    Passes warmup = passes(LoadObserver.Phase.WARM_UP, spec.warmup(), false);
    ResourceMeter.Reading begin = meter.read();
    boolean warm = warmup.failure() == null && !stop.isSet();
    Passes measured =
        warm ? passes(LoadObserver.Phase.MEASURED, spec.measured(), true) : Passes.NONE;
    ResourceMeter.Reading end = meter.read();
    Passes last = warm ? measured : warmup;
    return new ResultBuilder(spec)
        .warmup(warmup.all().records(), warmup.nanos() / 1e9)
        .measured(measured.all().records(), measured.all(), measured.nanos() / 1e9)
        .resources(meter, begin, end)
        .failure(last.failure())
        .verification(Verification.of(stop.isSet() ? null : spec.expected(), last.last()))
        .interrupted(stop.isSet())
        .build();
  }

  private Passes passes(LoadObserver.Phase phase, Extent extent, boolean atLeastOne) {
    Passes passes = Passes.NONE;
    boolean due = atLeastOne || !extent.isNone();
    while (due && !stop.isSet()) {
      passes = passes.then(pass(phase));
      due = passes.failure() == null && !isOver(extent, passes);
    }
    return passes;
  }

  private static boolean isOver(Extent extent, Passes passes) {
    return extent.durationMs() > 0
        ? passes.nanos() >= TimeUnit.MILLISECONDS.toNanos(extent.durationMs())
        : passes.all().records() >= extent.records();
  }

  @SuppressWarnings("try") // The ticker only has to be there.
  private Passes pass(LoadObserver.Phase phase) {
    TallyVisitor visitor = new TallyVisitor();
    PhaseProgress progress =
        new PhaseProgress(observer, phase, Extent.ofRecords(passRecords), CLOCK);
    try (RecordSource source = target.source(spec.source());
        Ticker ticker = new Ticker(() -> progress.at(visitor.seenRecords()))) {
      long startNanos = CLOCK.nanoTime();
      long lastNanos = startNanos;
      long read = 0;
      String failure = null;
      while (read < passRecords && failure == null && !stop.isSet()) {
        int count = source.poll(POLL, visitor);
        visitor.publish();
        read += count;
        long now = CLOCK.nanoTime();
        if (count > 0) {
          lastNanos = now;
        } else if (now - lastNanos > SILENCE_NANOS) {
          failure = "nothing came for 20 s after %,d of %,d records".formatted(read, passRecords);
        }
      }
      Tally tally = visitor.tally();
      if (failure == null && !stop.isSet()) {
        failure = differenceOf(tally);
      }
      return new Passes(tally, lastNanos - startNanos, tally, failure);
    }
  }

  /** What is wrong with a whole pass, or null. */
  private String differenceOf(Tally tally) {
    if (spec.expected() == null || spec.expected().equals(tally)) {
      return null;
    }
    return "read %s, written was %s".formatted(tally, spec.expected());
  }
}
