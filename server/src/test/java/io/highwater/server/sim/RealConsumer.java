package io.highwater.server.sim;

import io.highwater.client.ConnectionConfig;
import io.highwater.client.consumer.Consumer;
import io.highwater.client.consumer.ConsumerConfig;
import io.highwater.client.consumer.ConsumerRecord;
import io.highwater.client.consumer.ConsumerRecords;
import io.highwater.client.consumer.CorruptRecords;
import io.highwater.client.consumer.OffsetReset;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.sim.Payload;
import io.highwater.replication.sim.SimActor;
import io.highwater.replication.sim.SimCluster;
import io.highwater.replication.sim.SimScheduler;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.ClientHistory.Read;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/** The client's consumer, which has to get every record, once, in order, from wherever it reads. */
final class RealConsumer implements SimActor {
  private final SimScheduler scheduler;
  private final SimRuntime runtime;
  private final Consumer consumer;
  private final TopicIdPartition id;
  private final TopicPartition partition;
  private final ClientHistory history;
  private final int process;
  private final String rack;
  private boolean stopped;

  /**
   * @param rack from whose broker it reads whenever that is in sync; empty: from leaders
   */
  RealConsumer(Services services, TopicIdPartition id, String rack) {
    SimCluster cluster = services.cluster();
    this.scheduler = cluster.scheduler();
    this.runtime = new SimRuntime(services);
    this.id = id;
    this.partition = new TopicPartition(SimCluster.TOPIC, id.partition());
    this.history = cluster.clients().history(id);
    this.process = cluster.clients().nextProcess();
    this.rack = rack;
    this.consumer =
        Consumer.open(
            new ConsumerConfig(
                new ConnectionConfig(SimRuntime.bootstrap(cluster), 300, 1_000, 500),
                OffsetReset.FAIL,
                8_192,
                2_048,
                1 << 20,
                rack,
                CorruptRecords.FAIL),
            runtime);
  }

  @Override
  public void start() {
    consumer.assign(Set.of(partition));
    consumer.seek(partition, 0);
    turn();
  }

  private void turn() {
    if (stopped) {
      return;
    }
    try {
      poll();
    } catch (HighwaterException e) {
      // A broker that was just started may not know the topic yet; all else is no excuse.
      if (!e.code().retriable() && e.code() != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
        throw new AssertionError("CON-1: a consumer of " + partition + " gave up", e);
      }
    }
    scheduler.after(scheduler.delayNanos(5, 50), "real-poll", this::turn);
  }

  private void poll() {
    ConsumerRecords records = consumer.poll(Duration.ZERO);
    List<Read> reads = new ArrayList<>();
    for (ConsumerRecord each : records.records(partition)) {
      reads.add(new Read(each.offset(), Payload.value(each.value())));
    }
    if (!reads.isEmpty()) {
      history.polled(process, reads);
    }
  }

  @Override
  public void stop() {
    stopped = true;
    runtime.close();
  }

  @Override
  public boolean isDone() {
    return true;
  }

  @Override
  public boolean hasRead(ToLongFunction<TopicIdPartition> committed) {
    return consumer.position(partition) == committed.applyAsLong(id);
  }

  @Override
  public String toString() {
    return "consumer " + process + " in '" + rack + "' is at " + consumer.position(partition);
  }
}
