package io.highwater.perf.compare;

import io.highwater.perf.system.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** All scenarios, in the order in which they run and are reported. */
public final class Scenarios {
  private static final int SMALL = 100;
  private static final int LARGE = 1024;
  private static final int SMALL_BATCH = 16 << 10;
  private static final int LARGE_BATCH = 256 << 10;

  /** Kafka's default; a client at full speed fills its batches before. */
  private static final int LINGER_MS = 5;

  private static final long CONSUMED_BYTES = 1_000_000_000;
  private static final long STORED_BYTES = 200_000_000;

  private static final long EMBEDDED_BYTES = 2_000_000_000;

  private static final List<String> CLUSTERS = List.of("highwater", "kafka");
  private static final List<String> APPENDERS =
      List.of("log-store", "chronicle", "log-store-single", "file");
  private static final List<String> READERS = List.of("log-store", "chronicle", "file");

  private static final List<Metric> THROUGHPUT =
      List.of(Metric.RECORDS_PER_SECOND, Metric.CPU_MICROS_PER_RECORD);
  private static final List<Metric> TAIL =
      List.of(Metric.LATENCY_P99_MICROS, Metric.LATENCY_P50_MICROS, Metric.LATENCY_P999_MICROS);

  /** The declared list. */
  public static final List<Scenario> ALL = declare();

  private Scenarios() {}

  /**
   * The scenarios whose names one of the patterns matches, in declared order; all for no patterns.
   *
   * @param globs names in which {@code *} stands for any characters and {@code ?} for one
   * @throws IllegalArgumentException when a pattern matches none
   */
  public static List<Scenario> matching(List<String> globs) {
    if (globs.isEmpty()) {
      return ALL;
    }
    List<Pattern> patterns = globs.stream().map(Scenarios::pattern).toList();
    for (int i = 0; i < globs.size(); i++) {
      Pattern pattern = patterns.get(i);
      if (ALL.stream().noneMatch(scenario -> pattern.matcher(scenario.name()).matches())) {
        throw new IllegalArgumentException(
            "no scenario is called '" + globs.get(i) + "'; --list names them");
      }
    }
    return ALL.stream()
        .filter(one -> patterns.stream().anyMatch(p -> p.matcher(one.name()).matches()))
        .toList();
  }

  private static Pattern pattern(String glob) {
    StringBuilder regex = new StringBuilder();
    glob.chars()
        .forEach(
            c ->
                regex.append(
                    c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(Character.toString(c))));
    return Pattern.compile(regex.toString());
  }

  private static List<Scenario> declare() {
    List<Scenario> all = new ArrayList<>();
    for (Topology topology : List.of(Topology.ONE_BROKER, Topology.THREE_BROKERS)) {
      for (int recordBytes : List.of(SMALL, LARGE)) {
        for (String codec : List.of("none", "lz4", "zstd")) {
          for (int batchBytes : List.of(SMALL_BATCH, LARGE_BATCH)) {
            all.add(produce(topology, recordBytes, codec, batchBytes));
          }
        }
      }
    }
    all.add(consume(SMALL));
    all.add(consume(LARGE));
    for (Topology topology : List.of(Topology.ONE_BROKER, Topology.THREE_BROKERS)) {
      all.add(paced(topology, 1_000));
      all.add(paced(topology, 10_000));
      all.add(synchronous(topology));
    }
    all.add(firstAck());
    all.add(restart());
    all.add(failover());
    all.add(controllerFailover());
    for (int recordBytes : List.of(SMALL, LARGE)) {
      for (String codec : List.of("none", "lz4", "zstd")) {
        all.add(stored(recordBytes, codec));
      }
    }
    all.add(memory());
    for (int recordBytes : List.of(SMALL, LARGE)) {
      all.add(embedded("append", Work.PRODUCE, recordBytes, APPENDERS));
    }
    for (int recordBytes : List.of(SMALL, LARGE)) {
      all.add(embedded("read", Work.CONSUME, recordBytes, READERS));
    }
    for (int recordBytes : List.of(SMALL, LARGE)) {
      all.add(floor(recordBytes));
    }
    return List.copyOf(all);
  }

  private static Scenario produce(
      Topology topology, int recordBytes, String codec, int batchBytes) {
    boolean replicated = topology == Topology.THREE_BROKERS;
    return new Scenario(
        "produce/%s/%s/%s/%s".formatted(rf(topology), bytes(recordBytes), codec, bytes(batchBytes)),
        "Produce %s records, %s"
            .formatted(
                spaced(recordBytes),
                replicated ? "three brokers, RF 3, acks=all" : "one broker, acks=1"),
        codec + ", " + spaced(batchBytes),
        Work.PRODUCE,
        topology,
        recordBytes,
        codec,
        replicated ? "all" : "1",
        batchBytes,
        LINGER_MS,
        0,
        false,
        0,
        CLUSTERS,
        THROUGHPUT);
  }

  private static Scenario consume(int recordBytes) {
    return new Scenario(
        "consume/rf1/" + bytes(recordBytes),
        "Consume from the page cache, one broker",
        spaced(recordBytes),
        Work.CONSUME,
        Topology.ONE_BROKER,
        recordBytes,
        "none",
        "1",
        LARGE_BATCH,
        LINGER_MS,
        0,
        false,
        CONSUMED_BYTES / recordBytes,
        CLUSTERS,
        THROUGHPUT);
  }

  private static Scenario paced(Topology topology, int rate) {
    return latency(topology, String.valueOf(rate), "at %,d/s".formatted(rate), rate, false, TAIL);
  }

  private static Scenario synchronous(Topology topology) {
    return latency(
        topology,
        "sync",
        "one at a time",
        0,
        true,
        List.of(Metric.LATENCY_P50_MICROS, Metric.LATENCY_P99_MICROS));
  }

  private static Scenario latency(
      Topology topology,
      String name,
      String label,
      int rate,
      boolean synchronous,
      List<Metric> headline) {
    boolean replicated = topology == Topology.THREE_BROKERS;
    return new Scenario(
        "latency/%s/1KiB/%s".formatted(rf(topology), name),
        "Latency of 1 KiB records, %s, acks=all"
            .formatted(replicated ? "three brokers, RF 3" : "one broker"),
        label,
        Work.PRODUCE,
        topology,
        LARGE,
        "none",
        "all",
        SMALL_BATCH,
        0,
        rate,
        synchronous,
        0,
        CLUSTERS,
        headline);
  }

  private static Scenario firstAck() {
    return event(
        "start/first-ack",
        "Process start to the first acknowledged write",
        "one broker",
        Work.FIRST_ACK,
        Topology.ONE_BROKER,
        Metric.FIRST_ACK_MILLIS);
  }

  private static Scenario restart() {
    return event(
        "restart/sigkill",
        "Restart after SIGKILL to the first acknowledged write",
        "one broker",
        Work.RESTART,
        Topology.ONE_BROKER,
        Metric.FIRST_ACK_MILLIS);
  }

  private static Scenario failover() {
    return event(
        "failover/sigkill",
        "SIGKILL of the leader to the next acknowledged write",
        "three brokers",
        Work.FAILOVER,
        Topology.THREE_BROKERS,
        Metric.FIRST_ACK_MILLIS);
  }

  private static Scenario controllerFailover() {
    return event(
        "failover/controller",
        "SIGKILL of the leader that is the active controller, too, to the next acknowledged write",
        "three brokers",
        Work.CONTROLLER_FAILOVER,
        Topology.THREE_BROKERS,
        Metric.FIRST_ACK_MILLIS);
  }

  private static Scenario memory() {
    return event(
        "start/memory",
        "Memory of a broker after its start",
        "one broker",
        Work.MEMORY,
        Topology.ONE_BROKER,
        Metric.RESIDENT_BYTES);
  }

  private static Scenario event(
      String name, String group, String label, Work work, Topology topology, Metric metric) {
    return new Scenario(
        name,
        group,
        label,
        work,
        topology,
        LARGE,
        "none",
        topology == Topology.THREE_BROKERS ? "all" : "1",
        LARGE_BATCH,
        LINGER_MS,
        0,
        false,
        0,
        CLUSTERS,
        List.of(metric));
  }

  private static Scenario stored(int recordBytes, String codec) {
    return new Scenario(
        "disk/%s/%s".formatted(bytes(recordBytes), codec),
        "Disk for each record, batches of 16 KiB",
        spaced(recordBytes) + ", " + codec,
        Work.PRODUCE,
        Topology.ONE_BROKER,
        recordBytes,
        codec,
        "1",
        SMALL_BATCH,
        LINGER_MS,
        0,
        false,
        STORED_BYTES / recordBytes,
        CLUSTERS,
        List.of(Metric.DISK_BYTES_PER_RECORD));
  }

  /** In the client's process; a file with checksums is the floor below them. */
  private static Scenario embedded(String verb, Work work, int recordBytes, List<String> systems) {
    return new Scenario(
        "embedded/%s/%s".formatted(verb, bytes(recordBytes)),
        "Embedded " + verb + ", no broker",
        spaced(recordBytes),
        work,
        Topology.EMBEDDED,
        recordBytes,
        "none",
        "1",
        LARGE_BATCH,
        0,
        0,
        false,
        EMBEDDED_BYTES / recordBytes,
        systems,
        THROUGHPUT);
  }

  private static Scenario floor(int recordBytes) {
    return new Scenario(
        "floor/tcp/" + bytes(recordBytes),
        "Floor: a connection to a process that keeps nothing",
        spaced(recordBytes),
        Work.SEND,
        Topology.ONE_BROKER,
        recordBytes,
        "none",
        "1",
        LARGE_BATCH,
        0,
        0,
        false,
        0,
        List.of("tcp"),
        THROUGHPUT);
  }

  private static String rf(Topology topology) {
    return "rf" + topology.brokers();
  }

  private static String bytes(int bytes) {
    return bytes % 1024 == 0 ? bytes / 1024 + "KiB" : bytes + "B";
  }

  private static String spaced(int bytes) {
    return bytes % 1024 == 0 ? bytes / 1024 + " KiB" : bytes + " B";
  }
}
