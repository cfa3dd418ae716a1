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
        LatencyLog unused = new LatencyLog(null);
        Senders senders =
            new Senders(
                spec,
                target,
                i -> PayloadSequence.cycling(pool, i * pool.count() / spec.producers()),
                CLOCK,
                stop)) {
      SendPhases phases = new SendPhases(senders, observer, CLOCK, latencies, lag);
      SendCount warm = new SendCount(CLOCK, unused);
      Senders.Sent warmup = phases.run(LoadObserver.Phase.WARM_UP, spec.warmup(), warm);
      latencies.start();
      lag.start();
      SendCount count = new SendCount(CLOCK, latencies);
      ResourceMeter.Reading begin = meter.read();
      Senders.Sent sent =
          warm.failed() > 0
              ? Senders.Sent.NONE
              : phases.run(LoadObserver.Phase.MEASURED, spec.measured(), count);
      ResourceMeter.Reading end = meter.read();
      phases.end();
      return new ResultBuilder(spec)
          .warmup(warm.acknowledged(), warmup.seconds())
          .measured(count.acknowledged(), sent.tally(), sent.seconds())
          .latency(latencies.total(), from())
          .sendLag(spec.rate() > 0 ? lag.total() : null)
          .resources(meter, begin, end)
          .failures(warm.failed() + count.failed(), warm.failure(), count.failure())
          .written(warmup.tally().plus(sent.tally()))
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
}
