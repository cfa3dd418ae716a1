package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.sim.history.Anomaly;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.HistoryChecker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All clients of a cluster, and what they did and were told. */
public final class SimClients {
  private static final int FIRST_NODE = 101;

  private final SimCluster cluster;
  private final List<SimProducer> producers = new ArrayList<>();
  private final Cast cast;
  private final List<SimActor> actors = new ArrayList<>();
  private final List<SimConsumer> consumers = new ArrayList<>();
  private final Map<TopicIdPartition, ClientHistory> histories = new LinkedHashMap<>();
  private int nextNode = FIRST_NODE;
  private int nextProcess = 1;

  SimClients(SimCluster cluster, Cast cast) {
    this.cluster = cluster;
    this.cast = cast;
  }

  /** Lets new clients take the place of the old ones, if there were any. */
  void start(int batchesPerProducer) {
    stop();
    for (int i = 0; i < SimCluster.PARTITIONS; i++) {
      TopicIdPartition partition = SimCluster.partition(i);
      add(SimProducer.Kind.PATIENT, partition, batchesPerProducer);
      add(SimProducer.Kind.PATIENT, partition, batchesPerProducer / 2);
      add(SimProducer.Kind.IMPATIENT, partition, batchesPerProducer / 2);
      add(SimProducer.Kind.LEADER_ONLY, partition, batchesPerProducer / 2);
      consumers.add(new SimConsumer(nextNode++, cluster, partition, 0));
      consumers.add(new SimConsumer(nextNode++, cluster, partition, 0.05));
      actors.addAll(cast.clientsOf(cluster, partition, batchesPerProducer));
    }
    producers.forEach(SimProducer::start);
    consumers.forEach(SimConsumer::start);
    actors.forEach(SimActor::start);
  }

  private void add(SimProducer.Kind kind, TopicIdPartition partition, int batches) {
    producers.add(new SimProducer(kind, nextNode++, cluster, partition, batches));
  }

  void stop() {
    producers.forEach(SimProducer::stop);
    producers.clear();
    actors.forEach(SimActor::stop);
    actors.clear();
    stopConsumers();
  }

  private void stopConsumers() {
    consumers.forEach(SimConsumer::stop);
    consumers.clear();
  }

  /** From here on all is well: new readers read everything, which is what is judged. */
  void startLastReaders() {
    stopConsumers();
    histories.values().forEach(ClientHistory::endsNow);
    for (int i = 0; i < SimCluster.PARTITIONS; i++) {
      consumers.add(new SimConsumer(nextNode++, cluster, SimCluster.partition(i), 0));
    }
    consumers.forEach(SimConsumer::start);
  }

  /** A client's place in the network, any of those that there were. */
  int anyNode() {
    return FIRST_NODE + cluster.scheduler().random().nextInt(nextNode - FIRST_NODE);
  }

  /** A new client's place in the network. */
  public int nextNode() {
    return nextNode++;
  }

  /** A number for a client's process, and for its idempotent producer. */
  public int nextProcess() {
    return nextProcess++;
  }

  /** What the clients of a partition did and were told. */
  public ClientHistory history(TopicIdPartition partition) {
    return histories.computeIfAbsent(partition, unused -> new ClientHistory());
  }

  /** A loss that is allowed has happened. */
  void forget() {
    histories.values().forEach(ClientHistory::forget);
  }

  boolean produced() {
    return producers.stream().allMatch(SimProducer::isDone)
        && actors.stream().allMatch(SimActor::isDone);
  }

  /** Whether the last readers have read all that is committed. */
  boolean consumed() {
    return consumers.stream()
            .allMatch(c -> c.position() == cluster.checker().highWatermark(c.partition()))
        && actors.stream().allMatch(a -> a.hasRead(cluster.checker()::highWatermark));
  }

  /** Judges what they were told. */
  void check() {
    histories.forEach(
        (partition, history) -> {
          List<Anomaly> anomalies = HistoryChecker.check(history);
          if (!anomalies.isEmpty()) {
            throw new AssertionError("partition " + partition.partition() + ": " + anomalies);
          }
        });
  }

  /** How they stand, for a failure's message. */
  String describe() {
    StringBuilder text = new StringBuilder();
    consumers.forEach(c -> text.append("  read up to ").append(c.position()).append('\n'));
    actors.forEach(a -> text.append("  ").append(a).append('\n'));
    return text.toString();
  }
}
