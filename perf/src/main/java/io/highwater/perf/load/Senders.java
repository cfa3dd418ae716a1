package io.highwater.perf.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** The producers of a run, each with its client and its thread, which outlive the phases. */
final class Senders implements AutoCloseable {
  private final LoadSpec spec;
  private final LoadClock clock;
  private final StopSignal stop;
  private final List<RecordSink> sinks = new ArrayList<>();
  private final List<PayloadSequence> payloads = new ArrayList<>();
  private final ExecutorService threads;

  /**
   * Opens the clients.
   *
   * @param payloads of each producer, by its number
   */
  Senders(
      LoadSpec spec,
      LoadTarget target,
      IntFunction<PayloadSequence> payloads,
      LoadClock clock,
      StopSignal stop) {
    this.spec = spec;
    this.clock = clock;
    this.stop = stop;
    this.threads = Executors.newFixedThreadPool(spec.producers(), Senders::thread);
    for (int i = 0; i < spec.producers(); i++) {
      sinks.add(target.sink(spec.sink()));
      this.payloads.add(payloads.apply(i));
    }
  }

  /**
   * What a phase sent.
   *
   * @param startNanos when it began, by the clock
   * @param endNanos when the last answer was there
   * @param tally of what all producers sent
   */
  record Sent(long startNanos, long endNanos, Tally tally) {
    /** Nothing was sent. */
    static final Sent NONE = new Sent(0, 0, Tally.NONE);

    double seconds() {
      return (endNanos - startNanos) / 1e9;
    }
  }

  /**
   * Sends and waits for all answers. Ends early when stopped and at the first failure.
   *
   * @param count hears of each record
   * @param latencies hears how long synchronous sends took; the others are timed by {@code count}
   * @param lag hears how late paced records are handed over
   */
  Sent run(Extent extent, SendCount count, LatencyLog latencies, LatencyLog lag) {
    long startNanos = clock.nanoTime();
    Pace pace = spec.rate() > 0 ? new Pace(startNanos, spec.rate()) : null;
    List<SendLoop> loops = new ArrayList<>();
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < sinks.size(); i++) {
      SendLoop loop =
          new SendLoop(
              sinks.get(i), payloads.get(i), clock, () -> stop.isSet() || count.failed() > 0);
      Extent share = extent.share(i, sinks.size());
      Pace sharedPace = pace == null ? null : pace.share(i, sinks.size());
      loops.add(loop);
      if (share.isNone()) {
        continue;
      }
      ends.add(
          threads.submit(
              () -> {
                if (spec.synchronous()) {
                  loop.synchronous(share, sharedPace, startNanos, count, latencies);
                } else if (pace != null) {
                  loop.paced(share, sharedPace, startNanos, count, lag);
                } else {
                  loop.unpaced(share, startNanos, count);
                }
              }));
    }
    ends.forEach(end -> await(end, count));
    Tally sent = loops.stream().map(SendLoop::sent).reduce(Tally.NONE, Tally::plus);
    return new Sent(startNanos, clock.nanoTime(), sent);
  }

  @Override
  public void close() {
    threads.shutdown();
    sinks.forEach(RecordSink::close);
  }

  private static void await(Future<?> end, SendCount count) {
    try {
      end.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      count.completed(SendCompletion.NO_TOKEN, e.getCause());
    }
  }

  private static Thread thread(Runnable task) {
    Thread daemon =
        new Thread(
            () -> {
              TimerSlack.avoid();
              task.run();
            },
            "load-sender");
    daemon.setDaemon(true);
    return daemon;
  }
}
