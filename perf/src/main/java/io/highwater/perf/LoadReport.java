package io.highwater.perf;

import io.highwater.perf.compare.Machine;
import io.highwater.perf.load.Latency;
import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import io.highwater.perf.load.SinkConfig;
import io.highwater.perf.load.Verification;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a load's verb prints: the figures, and all that is needed to compare them with others.
 *
 * @param verb that was run
 * @param at ISO-8601, when the result was there
 * @param commit of the sources
 * @param machine of the load generator
 * @param acks 0, 1 or all; null when nothing was sent
 * @param flush when brokers force records to the disk
 * @param brokers of the cluster
 * @param result the figures, with the whole configuration of the load
 */
record LoadReport(
    String verb,
    String at,
    String commit,
    Machine machine,
    String acks,
    String flush,
    List<LoadedCluster.Broker> brokers,
    LoadResult result) {
  /** An acknowledged record is in the page cache of as many brokers as acks says. */
  static final String FLUSH = "page-cache";

  private static final double MILLI = 1e3;

  /** For people. */
  String text() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%s  %,d records in %.2f s: %,.0f records/s, %.2f MB/s%s",
        result.spec().kind() == LoadSpec.Kind.CONSUME ? "read    " : "sent    ",
        result.records(),
        result.seconds(),
        result.recordsPerSecond(),
        result.megabytesPerSecond(),
        result.interrupted() ? " (interrupted)" : "");
    line(text, "with      %s", configuration());
    line(
        text,
        "warm-up   %s",
        result.warmupRecords() == 0
            ? "none"
            : String.format(
                Locale.ROOT,
                "%,d records in %.2f s, not counted above or below",
                result.warmupRecords(),
                result.warmupSeconds()));
    latency(text, "latency ", result.latency());
    latency(text, "send lag", result.sendLag());
    line(
        text,
        "CPU       client %.3f µs/record; %s",
        result.clientCpuMicrosPerRecord(),
        brokers.stream().map(this::brokerCpu).collect(Collectors.joining("; ")));
    line(
        text,
        "client    %,.1f bytes allocated per record, %,d ms in garbage collection",
        result.allocatedBytesPerRecord(),
        result.gcMillis());
    if (result.verification() != null) {
      line(text, "check     %s", check(result.verification()));
    }
    if (result.failures() > 0) {
      line(text, "failed    %,d records", result.failures());
    }
    line(text, "on        %s, commit %s, flush %s", machine.text(), commit, flush);
    return text.toString();
  }

  private String configuration() {
    LoadSpec spec = result.spec();
    SinkConfig sink = spec.sink();
    if (sink == null) {
      return "topic " + spec.source().topic();
    }
    return String.format(
        Locale.ROOT,
        "topic %s, acks %s, %s, batches of %,d bytes, linger %d ms, %d producer%s, %s%s",
        sink.topic(),
        sink.acks(),
        sink.codec().equals("none") ? "not compressed" : sink.codec(),
        sink.batchBytes(),
        sink.lingerMs(),
        spec.producers(),
        spec.producers() == 1 ? "" : "s",
        spec.rate() > 0 ? String.format(Locale.ROOT, "%,.0f records/s", spec.rate()) : "unlimited",
        spec.synchronous() ? ", one after the other" : "");
  }

  private String brokerCpu(LoadedCluster.Broker broker) {
    String name = "broker " + broker.nodeId() + " ";
    return result.brokers().stream()
        .filter(cpu -> broker.pid() != null && cpu.pid() == broker.pid())
        .filter(cpu -> cpu.microsPerRecord() != null)
        .findFirst()
        .map(cpu -> name + String.format(Locale.ROOT, "%.3f µs/record", cpu.microsPerRecord()))
        .orElse(name + "not measured");
  }

  private static void latency(StringBuilder text, String name, Latency latency) {
    if (latency == null) {
      return;
    }
    line(
        text,
        "%s  p50 %s  p90 %s  p99 %s  p99.9 %s  p99.99 %s  max %s ms (%s, %,d values)",
        name,
        millis(latency.p50()),
        millis(latency.p90()),
        millis(latency.p99()),
        millis(latency.p999()),
        millis(latency.p9999()),
        millis(latency.max()),
        switch (latency.from()) {
          case INTENDED -> "from when it was due";
          case SAMPLED_SEND -> "from the send, every 64th record";
          case SEND -> "from the send";
        },
        latency.count());
  }

  private static String check(Verification verification) {
    return switch (verification.verdict()) {
      case RIGHT -> "count and CRC32C of all records are right";
      case WRONG ->
          "WRONG: read " + verification.received() + ", written was " + verification.expected();
      case UNKNOWN ->
          String.format(
              Locale.ROOT,
              "%,d records, CRC32C sum %d; nothing to compare with",
              verification.received().records(),
              verification.received().checksum());
    };
  }

  private static String millis(double micros) {
    return String.format(Locale.ROOT, micros < MILLI ? "%.3f" : "%.2f", micros / MILLI);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
