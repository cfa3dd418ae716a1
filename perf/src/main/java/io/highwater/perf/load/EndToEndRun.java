package io.highwater.perf.load;

import java.io.IOException;
import java.util.concurrent.ExecutionException;

/**
 * Sends at a rate and reads at the same time, in one process and so by one clock. A record's
 * latency is from when it was due to be sent until {@code poll} handed it over.
 */
final class EndToEndRun {
  private static final LoadClock CLOCK = new SystemLoadClock();

  private final LoadSpec spec;
  private final LoadTarget target;
  private final LoadObserver observer;
  private final StopSignal stop;

  EndToEndRun(LoadSpec spec, LoadTarget target, LoadObserver observer, StopSignal stop) {
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
        RecordSource source = target.source(spec.source());
        Senders senders =
            new Senders(
                spec,
                target,
                i ->
                    new StampedPayloads(
                        PayloadSequence.cycling(pool, i * pool.count() / spec.producers())),
                CLOCK,
                stop)) {
      Receiver receiver = new Receiver(source, CLOCK, latencies);
      SendPhases phases = new SendPhases(senders, observer, CLOCK, latencies, lag);
      SendCount warm = new SendCount(CLOCK, unused);
      Senders.Sent warmup = phases.run(LoadObserver.Phase.WARM_UP, spec.warmup(), warm);
      latencies.start();
      lag.start();
      receiver.measureFrom(CLOCK.nanoTime());
      SendCount count = new SendCount(CLOCK, unused);
      ResourceMeter.Reading begin = meter.read();
      Senders.Sent sent =
          warm.failed() > 0
              ? Senders.Sent.NONE
              : phases.run(LoadObserver.Phase.MEASURED, spec.measured(), count);
      Tally written = warmup.tally().plus(sent.tally());
      ResultBuilder result = new ResultBuilder(spec);
      try {
        Tally received = receiver.finish(warm.acknowledged() + count.acknowledged());
        result.verification(
            Verification.of(warm.failed() + count.failed() > 0 ? null : written, received));
      } catch (ExecutionException e) {
        result.failures(0, e.getCause());
      }
      ResourceMeter.Reading end = meter.read();
      phases.end();
      return result
          .warmup(warm.acknowledged(), warmup.seconds())
          .measured(count.acknowledged(), sent.tally(), sent.seconds())
          .latency(latencies.total(), Latency.From.INTENDED)
          .sendLag(lag.total())
          .resources(meter, begin, end)
          .failures(warm.failed() + count.failed(), warm.failure(), count.failure())
          .written(written)
          .interrupted(stop.isSet())
          .build();
    }
  }
}
