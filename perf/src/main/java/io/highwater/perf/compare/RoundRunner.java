package io.highwater.perf.compare;

import io.highwater.perf.load.Extent;
import io.highwater.perf.load.Latency;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.PayloadSpec;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.SourceConfig;
import io.highwater.perf.load.Tally;
import io.highwater.perf.load.Verification;
import io.highwater.perf.system.AckProbe;
import io.highwater.perf.system.ComparedSystem;
import io.highwater.perf.system.RunningSystem;
import io.highwater.perf.system.SystemFailureException;
import io.highwater.perf.system.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Runs one round: starts a system with empty data, makes it work, ends it. */
final class RoundRunner {
  private static final String TOPIC = "compared";
  private static final int PARTITIONS = 6;
  private static final long BUFFER_BYTES = 64L << 20;
  private static final Duration ACK_TIMEOUT = Duration.ofMinutes(2);

  private final RunSettings settings;

  RoundRunner(RunSettings settings) {
    this.settings = settings;
  }

  /**
   * Runs a round.
   *
   * @param data absent or empty
   * @throws UnsoundRoundException when records failed, are missing or differ
   * @throws SystemFailureException when the system fails
   */
  Map<Metric, Double> run(Scenario scenario, ComparedSystem system, Path data) {
    try (RunningSystem running =
        system.start(scenario.topology(), scenario.work().purpose(), data)) {
      boolean replicated = scenario.topology() == Topology.THREE_BROKERS;
      running.createTopic(TOPIC, PARTITIONS, replicated ? 3 : 1, replicated ? 2 : 1);
      return switch (scenario.work()) {
        case PRODUCE -> produce(scenario, running);
        case SEND -> metrics(send(scenario, running));
        case CONSUME -> consume(scenario, running);
        case FIRST_ACK -> firstAck(scenario, running);
        case MEMORY -> Map.of(Metric.RESIDENT_BYTES, (double) running.residentBytes(1));
        case RESTART -> restart(scenario, running);
        case FAILOVER -> failover(scenario, running, false);
        case CONTROLLER_FAILOVER -> failover(scenario, running, true);
      };
    }
  }

  private LoadResult send(Scenario scenario, RunningSystem running) {
    boolean byTheClock = scenario.records() == 0;
    Extent records = Extent.ofRecords(scaled(scenario.records()));
    Extent warmup = byTheClock ? millis(settings.warmupSeconds()) : records;
    Extent measured = byTheClock ? millis(settings.seconds()) : records;
    return sound(
        running.load(
            LoadSpec.produce("", sink(scenario), payload(scenario), measured)
                .lasting(warmup, measured)
                .sending(1, scenario.rate(), scenario.synchronous())));
  }

  private Map<Metric, Double> produce(Scenario scenario, RunningSystem running) {
    LoadResult written = send(scenario, running);
    Tally sent = Objects.requireNonNull(written.written(), "a sound run says what it wrote");
    sound(running.load(LoadSpec.consume("", source(), sent)));
    Map<Metric, Double> metrics = metrics(written);
    metrics.put(
        Metric.DISK_BYTES_PER_RECORD,
        (double) running.diskBytes(TOPIC)
            / sent.records()
            / Math.max(1, scenario.topology().brokers()));
    return metrics;
  }

  private Map<Metric, Double> consume(Scenario scenario, RunningSystem running) {
    Tally there = fill(scenario, running, scaled(scenario.records()));
    LoadSpec passes = LoadSpec.consume("", source(), there);
    return metrics(
        sound(
            running.load(
                passes.lasting(millis(settings.warmupSeconds()), millis(settings.seconds())))));
  }

  private Map<Metric, Double> firstAck(Scenario scenario, RunningSystem running) {
    try (AckProbe probe = running.probe(TOPIC, 0, scenario.acks())) {
      running.stop(1);
      return firstAck(probe.firstAckAfter(() -> running.restart(1), ACK_TIMEOUT));
    }
  }

  private Map<Metric, Double> restart(Scenario scenario, RunningSystem running) {
    Tally written = fill(scenario, running, settings.restartBytes() / scenario.recordBytes());
    Map<Metric, Double> metrics;
    try (AckProbe probe = running.probe(TOPIC, 0, scenario.acks())) {
      running.kill(1);
      metrics = firstAck(probe.firstAckAfter(() -> running.restart(1), ACK_TIMEOUT));
    }
    // The probe's records lie between, so only the number can be asked for.
    requireRecords(running, written.records());
    return metrics;
  }

  private Map<Metric, Double> failover(
      Scenario scenario, RunningSystem running, boolean ofTheController) {
    int controller = running.controller();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      int leader = running.leaderOf(TOPIC, partition);
      if ((leader == controller) == ofTheController) {
        return failover(scenario, running, partition, leader);
      }
    }
    throw new SystemFailureException(
        "broker %d is the controller, and leads %s of %d partitions"
            .formatted(controller, ofTheController ? "none" : "all", PARTITIONS));
  }

  private static Map<Metric, Double> failover(
      Scenario scenario, RunningSystem running, int partition, int leader) {
    try (AckProbe probe = running.probe(TOPIC, partition, scenario.acks())) {
      return firstAck(probe.firstAckAfter(() -> running.kill(leader), ACK_TIMEOUT));
    }
  }

  private static Map<Metric, Double> firstAck(Duration gap) {
    return Map.of(Metric.FIRST_ACK_MILLIS, gap.toNanos() / 1e6);
  }

  /** Writes records that are there to be read or recovered; nothing of it is measured. */
  private Tally fill(Scenario scenario, RunningSystem running, long records) {
    LoadSpec spec =
        LoadSpec.produce("", sink(scenario), payload(scenario), Extent.ofRecords(records));
    return Objects.requireNonNull(sound(running.load(spec)).written());
  }

  private void requireRecords(RunningSystem running, long records) {
    LoadResult read = running.load(LoadSpec.consume("", source(), records));
    if (read.failure() != null || read.records() < records) {
      throw new UnsoundRoundException(
          "%,d records were acknowledged, %,d are there%s"
              .formatted(
                  records, read.records(), read.failure() == null ? "" : ": " + read.failure()));
    }
  }

  private static LoadResult sound(LoadResult result) {
    if (result.isSound() && !result.interrupted()) {
      return result;
    }
    if (result.failure() != null) {
      throw new UnsoundRoundException(
          "%,d records failed: %s".formatted(result.failures(), result.failure()));
    }
    if (result.interrupted()) {
      throw new UnsoundRoundException("the client was interrupted");
    }
    Verification verification = result.verification();
    throw new UnsoundRoundException(
        verification == null
            ? "%,d records failed".formatted(result.failures())
            : mismatch(verification.expected(), verification.received()));
  }

  private static String mismatch(Tally expected, Tally received) {
    return expected.records() == received.records()
        ? "checksum differs: the consumer read other records than were written"
        : "the consumer read %,d records where %,d were written"
            .formatted(received.records(), expected.records());
  }

  private static Map<Metric, Double> metrics(LoadResult result) {
    Map<Metric, Double> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.RECORDS_PER_SECOND, result.recordsPerSecond());
    metrics.put(Metric.MEGABYTES_PER_SECOND, result.megabytesPerSecond());
    metrics.put(Metric.CLIENT_CPU_MICROS_PER_RECORD, result.clientCpuMicrosPerRecord());
    metrics.put(Metric.ALLOCATED_BYTES_PER_RECORD, result.allocatedBytesPerRecord());
    boolean allKnown = result.brokers().stream().allMatch(one -> one.microsPerRecord() != null);
    if (allKnown) {
      double brokers =
          result.brokers().stream().mapToDouble(LoadResult.BrokerCpu::microsPerRecord).sum();
      metrics.put(Metric.BROKER_CPU_MICROS_PER_RECORD, brokers);
      metrics.put(Metric.CPU_MICROS_PER_RECORD, brokers + result.clientCpuMicrosPerRecord());
    }
    Latency latency = result.latency();
    if (latency != null) {
      metrics.put(Metric.LATENCY_P50_MICROS, latency.p50());
      metrics.put(Metric.LATENCY_P90_MICROS, latency.p90());
      metrics.put(Metric.LATENCY_P99_MICROS, latency.p99());
      metrics.put(Metric.LATENCY_P999_MICROS, latency.p999());
      metrics.put(Metric.LATENCY_P9999_MICROS, latency.p9999());
      metrics.put(Metric.LATENCY_MAX_MICROS, latency.max());
    }
    return metrics;
  }

  private static SinkConfig sink(Scenario scenario) {
    return new SinkConfig(
        "",
        TOPIC,
        scenario.acks(),
        scenario.codec(),
        scenario.batchBytes(),
        scenario.lingerMs(),
        0,
        BUFFER_BYTES);
  }

  private static SourceConfig source() {
    return new SourceConfig("", TOPIC, true);
  }

  private static PayloadSpec payload(Scenario scenario) {
    return PayloadSpec.ofBytes(scenario.recordBytes());
  }

  private long scaled(long records) {
    return Math.max(1, Math.round(records * settings.share()));
  }

  private static Extent millis(double seconds) {
    return Extent.ofMillis(Math.round(seconds * 1e3));
  }
}
