package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.ClientHistory.Read;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A reader of one partition, from its start on, which now and then asks where the log ends. */
final class SimConsumer {
  private static final long POLL_TIMEOUT_MS = 300;

  private final SimScheduler scheduler;
  private final SimCluster cluster;
  private final SimClient client;
  private final ClientHistory history;
  private final double restarts;
  private int process;
  private int attempt;
  private boolean polling;
  private boolean stopped;
  private long position;

  /**
   * @param restarts how likely it begins again instead of polling
   */
  SimConsumer(int node, SimCluster cluster, TopicIdPartition partition, double restarts) {
    this.cluster = cluster;
    this.scheduler = cluster.scheduler();
    this.client = new SimClient(node, cluster, partition, () -> {});
    this.history = cluster.clients().history(partition);
    this.restarts = restarts;
    this.process = cluster.clients().nextProcess();
  }

  void start() {
    client.refresh();
    turn();
  }

  TopicIdPartition partition() {
    return client.partition();
  }

  /** How far it has read. */
  long position() {
    return position;
  }

  void stop() {
    stopped = true;
  }

  private void turn() {
    if (stopped) {
      return;
    }
    if (!polling && client.knowsLeader()) {
      if (scheduler.chance(restarts)) {
        process = cluster.clients().nextProcess();
        position = 0;
      }
      if (scheduler.chance(0.2)) {
        askEnd();
      }
      poll();
    }
    if (scheduler.chance(0.1) || !client.knowsLeader()) {
      client.refresh();
    }
    scheduler.after(scheduler.delayNanos(5, 50), "consume", this::turn);
  }

  private void poll() {
    polling = true;
    int number = ++attempt;
    long from = position;
    client.message(
        "fetch",
        (broker, answer) -> {
          byte[] batches = broker.requests().fetch(client.partition(), from);
          answer.accept(() -> polled(number, from, batches));
        });
    scheduler.after(
        TimeUnit.MILLISECONDS.toNanos(POLL_TIMEOUT_MS),
        "poll-timeout",
        () -> {
          if (number == attempt && polling) {
            polling = false;
            client.refresh();
          }
        });
  }

  private void polled(int number, long from, byte[] batches) {
    if (number != attempt || !polling || stopped) {
      return;
    }
    polling = false;
    List<Read> reads = Payload.read(batches, from);
    if (!reads.isEmpty()) {
      history.polled(process, reads);
      position = reads.get(reads.size() - 1).offset() + 1;
    }
  }

  private void askEnd() {
    long invokedAt = history.now();
    int asking = process;
    client.message(
        "end-offset",
        (broker, answer) ->
            broker
                .requests()
                .endOffset(
                    client.partition(),
                    endOffset -> answer.accept(() -> ended(asking, invokedAt, endOffset))));
  }

  private void ended(int asking, long invokedAt, long endOffset) {
    if (!stopped) {
      history.endOffset(asking, invokedAt, endOffset);
    }
  }
}
