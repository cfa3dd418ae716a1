package io.highwater.perf;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliFailure;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import io.highwater.client.cli.Progress;
import io.highwater.client.cli.ShutdownHook;
import io.highwater.perf.compare.Machine;
import io.highwater.perf.load.LoadObserver;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadRun;
import io.highwater.perf.load.LoadSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs a load in this process for somebody who watches: progress, Ctrl-C, the report. */
final class LoadExecution {
  private static final long LAST_WORDS_SECONDS = 15;

  private final CliStreams streams;
  private final OutputOption output;

  LoadExecution(CliStreams streams, OutputOption output) {
    this.streams = streams;
    this.output = output;
  }

  /**
   * Runs it against these brokers and prints what came.
   *
   * @return the exit code
   * @throws CliFailure LOAD_FAILED when records failed or were not those expected; the report is
   *     printed before
   */
  @SuppressWarnings("try") // The hook only has to be there.
  int run(String verb, LoadSpec spec, List<LoadedCluster.Broker> brokers) throws IOException {
    List<Long> pids =
        brokers.stream().map(LoadedCluster.Broker::pid).filter(Objects::nonNull).toList();
    LoadSpec measured = spec.measuring(pids);
    Progress progress = new Progress(streams);
    LoadRun run =
        new LoadRun(
            measured,
            LoadRun.targetOf(measured),
            (phase, fraction, records, seconds) ->
                progress.at(
                    fraction,
                    phase == LoadObserver.Phase.WARM_UP ? "records of the warm-up" : "records",
                    records));
    CountDownLatch printed = new CountDownLatch(1);
    try (ShutdownHook hook = ShutdownHook.of("stop-load", () -> stop(run, printed))) {
      LoadResult result = run.run();
      progress.closeLine();
      LoadReport report =
          new LoadReport(
              verb,
              Instant.now().toString(),
              SourceCommit.ofThisBuild(),
              Machine.here(),
              spec.sink() == null ? null : spec.sink().acks(),
              LoadReport.FLUSH,
              brokers,
              result);
      output.print(streams, report, report::text);
      if (!result.isSound()) {
        throw new CliFailure("LOAD_FAILED", reason(result));
      }
      return CliError.DONE;
    } finally {
      printed.countDown();
    }
  }

  private static String reason(LoadResult result) {
    if (result.failures() > 0) {
      return result.failures() + " records failed, the first: " + result.failure();
    }
    return result.failure() != null
        ? result.failure()
        : "what was read is not what was written: " + result.verification();
  }

  private static void stop(LoadRun run, CountDownLatch printed) {
    run.stop();
    try {
      printed.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
