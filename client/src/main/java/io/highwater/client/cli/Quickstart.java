package io.highwater.client.cli;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.producer.Producer;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The run: a cluster, a topic, records, a kill, a recovery, and the proof that nothing was lost.
 */
final class Quickstart {
  private static final String TOPIC = "orders";
  private static final int PARTITIONS = 3;
  private static final int MAX_REPLICAS = 3;
  private static final long DELIVERY_TIMEOUT_MS = 60_000;
  private static final long BROKERS_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Opens what is to be sent, once the topic's limit is known. */
  @FunctionalInterface
  interface SourceOpener {
    /**
     * Records to send.
     *
     * @param maxRecordBytes the most that {@link Producer#sizeInBatch} of one may come to
     */
    RecordSource open(String topic, int maxRecordBytes) throws IOException;
  }

  private final LocalCluster cluster;
  private final int brokers;
  private final SourceOpener opener;
  private final Progress progress;
  private final long startNanos = System.nanoTime();

  Quickstart(LocalCluster cluster, int brokers, SourceOpener opener, Progress progress) {
    this.cluster = cluster;
    this.brokers = brokers;
    this.opener = opener;
    this.progress = progress;
  }

  /**
   * Runs it all.
   *
   * @throws CliFailure NOT_PROVEN, TIMED_OUT, BROKER_FAILED
   * @throws io.highwater.proto.HighwaterException what the cluster refused
   */
  QuickstartReport run() throws IOException {
    progress.step("starting " + brokers + " brokers in " + cluster.directory());
    cluster.start();
    String bootstrap = cluster.bootstrap();
    progress.step("ready at " + bootstrap);
    AckLedger ledger = new AckLedger(PARTITIONS);
    LeaderGap gap = new LeaderGap();
    try (Admin admin = Admin.builder().bootstrap(bootstrap).build()) {
      createTopic(admin);
      Outage outage = new Outage(cluster, admin, TOPIC, gap, progress);
      QuickstartLoad load = produce(bootstrap, ledger, gap, outage);
      double recoverySeconds = outage.awaitRecovery();
      readBack(bootstrap, ledger, load.records());
      return report(load, gap, outage.killedNode(), recoverySeconds);
    }
  }

  private void createTopic(Admin admin) {
    int replicas = Math.min(MAX_REPLICAS, brokers);
    int minInSync = Math.max(1, replicas - 1);
    createTopic(
        admin,
        new NewTopic(
            TOPIC,
            PARTITIONS,
            replicas,
            Map.of("min.insync.replicas", Integer.toString(minInSync))));
    progress.step(
        String.format(
            Locale.ROOT,
            "topic %s: %d partitions, %d replicas each, min.insync.replicas=%d, acks=all",
            TOPIC,
            PARTITIONS,
            replicas,
            minInSync));
  }

  /** A broker that starts slowly may be taken for dead for a moment, when the machine is busy. */
  private static void createTopic(Admin admin, NewTopic topic) {
    long startNanos = System.nanoTime();
    while (true) {
      try {
        admin.createTopic(topic);
        return;
      } catch (HighwaterException e) {
        if (e.code() != ErrorCode.INVALID_REPLICATION_FACTOR
            || System.nanoTime() - startNanos > BROKERS_PATIENCE_NANOS) {
          throw e;
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private QuickstartLoad produce(String bootstrap, AckLedger ledger, LeaderGap gap, Outage outage)
      throws IOException {
    try (Producer producer =
        Producer.builder()
            .bootstrap(bootstrap)
            .acks(Acks.ALL)
            .deliveryTimeoutMs(DELIVERY_TIMEOUT_MS)
            .build()) {
      RecordSource source = opener.open(TOPIC, producer.maxRecordBytes(TOPIC));
      QuickstartLoad load = new QuickstartLoad(producer, ledger, gap, progress);
      load.run(source, outage::begin, outage::end);
      progress.step(
          String.format(Locale.ROOT, "%,d records sent and acknowledged", load.records()));
      return load;
    }
  }

  private void readBack(String bootstrap, AckLedger ledger, long records) {
    try (Consumer consumer = Consumer.builder().bootstrap(bootstrap).build()) {
      new ReadBack(consumer, ledger, progress).run(TOPIC, records);
    }
    AckLedger.Verdict verdict = ledger.verdict();
    if (!verdict.proven()) {
      String faults =
          verdict.faults().entrySet().stream()
              .map(fault -> fault.getValue() + " " + fault.getKey())
              .collect(Collectors.joining(", "));
      throw new CliFailure(
          "NOT_PROVEN",
          String.format(
              Locale.ROOT,
              "of %d acknowledged records %d came back as they should; %s: %s",
              verdict.acknowledged(),
              verdict.intact(),
              faults,
              String.join("; ", verdict.examples())));
    }
    progress.step(String.format(Locale.ROOT, "%,d records read back", verdict.intact()));
  }

  private QuickstartReport report(
      QuickstartLoad load, LeaderGap gap, int killedNode, double recoverySeconds) {
    double seconds = seconds(load.durationNanos());
    return new QuickstartReport(
        brokers,
        load.records(),
        load.bytes(),
        seconds,
        load.bytes() / seconds / 1e6,
        milliseconds(load.latencyNanos().getValueAtPercentile(50)),
        milliseconds(load.latencyNanos().getValueAtPercentile(99)),
        milliseconds(load.latencyNanos().getMaxValue()),
        killedNode,
        gap.longestNanos().isPresent() ? milliseconds(gap.longestNanos().getAsLong()) : null,
        recoverySeconds,
        seconds(System.nanoTime() - startNanos),
        cluster.keepsFiles() ? cluster.directory().toString() : null);
  }

  private static double seconds(long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }

  private static double milliseconds(long nanos) {
    return nanos / (double) TimeUnit.MILLISECONDS.toNanos(1);
  }
}
