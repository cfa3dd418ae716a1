package io.highwater.perf.load;

import java.io.IOException;

/** Sends: a phase that warms up, then the measured one, with the same clients. */
final class ProduceRun {
  private static final LoadClock CLOCK = new SystemLoadClock();

  private final LoadSpec spec;
  private final LoadTarget target;
  private final LoadObserver observer;
  private final StopSignal stop;

  ProduceRun(LoadSpec spec, LoadTarget target, LoadObserver observer, StopSignal stop) {
    this.spec = spec;
    this.target = target;
    this.observer = observer;
    this.stop = stop;
  }

  LoadResult run() throws IOException {
    Payloads pool = Payloads.of(spec.payload());
    ResourceMeter meter = new ResourceMeter(spec.brokerPids());
    try (LatencyLog latencies = new LatencyLog(spec.hlog());
        LatencyLog lag = new LatencyLog(null);
        Senders senders =
            new Senders(
                spec,
                target,
                i -> PayloadSequence.cycling(pool, i * pool.count() / spec.producers()),
                CLOCK,
                stop)) {
      SendCount warm = new SendCount(CLOCK, new LatencyLog(null));
      Senders.Sent warmup =
          phase(LoadObserver.Phase.WARM_UP, senders, spec.warmup(), warm, latencies, lag);
      latencies.start();
      lag.start();
      SendCount count = new SendCount(CLOCK, latencies);
      ResourceMeter.Reading begin = meter.read();
      Senders.Sent sent =
          warm.failed() > 0
              ? new Senders.Sent(0, 0, Tally.NONE)
              : phase(LoadObserver.Phase.MEASURED, senders, spec.measured(), count, latencies, lag);
      ResourceMeter.Reading end = meter.read();
      return new ResultBuilder(spec)
          .warmup(warm.acknowledged(), warmup.seconds())
          .measured(count.acknowledged(), sent.sent().bytes(), sent.seconds())
          .latency(latencies.total(), from())
          .sendLag(spec.rate() > 0 ? lag.total() : null)
          .resources(meter, begin, end)
          .failures(warm.failed() + count.failed(), warm.failure(), count.failure())
          .written(warmup.sent().plus(sent.sent()))
          .interrupted(stop.isSet())
          .build();
    }
  }

  private Latency.From from() {
    if (spec.rate() > 0) {
      return Latency.From.INTENDED;
    }
    return spec.synchronous() ? Latency.From.SEND : Latency.From.SAMPLED_SEND;
  }

  @SuppressWarnings("try") // The ticker only has to be there.
  private Senders.Sent phase(
      LoadObserver.Phase phase,
      Senders senders,
      Extent extent,
      SendCount count,
      LatencyLog latencies,
      LatencyLog lag) {
    if (extent.isNone()) {
      return new Senders.Sent(0, 0, Tally.NONE);
    }
    PhaseProgress progress = new PhaseProgress(observer, phase, extent, CLOCK);
    try (Ticker ticker =
        new Ticker(
            () -> {
              if (progress.at(count.acknowledged()) && phase == LoadObserver.Phase.MEASURED) {
                latencies.endInterval();
                lag.endInterval();
              }
            })) {
      return senders.run(extent, count, latencies, lag);
    } finally {
      latencies.endInterval();
      lag.endInterval();
    }
  }
}
