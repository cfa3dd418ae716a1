package io.highwater.server.sim;

import io.highwater.client.ConnectionConfig;
import io.highwater.client.producer.Producer;
import io.highwater.client.producer.ProducerConfig;
import io.highwater.client.producer.ProducerRecord;
import io.highwater.client.producer.RecordMetadata;
import io.highwater.proto.Acks;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.Codec;
import io.highwater.replication.sim.Payload;
import io.highwater.replication.sim.SimActor;
import io.highwater.replication.sim.SimCluster;
import io.highwater.replication.sim.SimScheduler;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.Send;
import java.util.List;
import java.util.function.ToLongFunction;

/** The client's producer, which has to get every record in, once, in order, and say so in order. */
final class RealProducer implements SimActor {
  private static final int VALUES_OF_A_PROCESS = 1_000_000;

  /** Longer than any run: it must not give up. */
  private static final long PATIENCE_MS = 600_000;

  private final SimCluster cluster;
  private final SimScheduler scheduler;
  private final SimRuntime runtime;
  private final Producer producer;
  private final TopicIdPartition partition;
  private final ClientHistory history;
  private final int process;
  private final int records;
  private int sent;
  private int acknowledged;
  private boolean known;
  private boolean asking;
  private boolean stopped;
  private AssertionError failure;

  RealProducer(Services services, TopicIdPartition partition, int records) {
    this.cluster = services.cluster();
    this.scheduler = cluster.scheduler();
    this.runtime = new SimRuntime(services);
    this.partition = partition;
    this.records = records;
    this.process = cluster.clients().nextProcess();
    this.history = cluster.clients().history(partition);
    this.producer = Producer.open(config(), runtime);
  }

  private ProducerConfig config() {
    boolean lingers = scheduler.chance(0.5);
    return new ProducerConfig(
        new ConnectionConfig(SimRuntime.bootstrap(cluster), 300, 1_000, 2_000),
        Acks.ALL,
        Codec.NONE,
        5,
        lingers,
        1_024,
        1 << 16,
        1 + scheduler.random().nextInt(ProducerConfig.MAX_IDEMPOTENT_IN_FLIGHT),
        PATIENCE_MS,
        600,
        PATIENCE_MS,
        true);
  }

  @Override
  public void start() {
    turn();
  }

  private void turn() {
    if (failure != null) {
      throw failure;
    }
    if (stopped || isDone()) {
      return;
    }
    if (!known && !asking) {
      asking = true;
      var unused =
          producer
              .prepare(SimCluster.TOPIC)
              .whenComplete(
                  (nothing, thrown) -> {
                    asking = false;
                    known = thrown == null;
                  });
    } else if (known && sent < records) {
      int burst = 1 + scheduler.random().nextInt(4);
      runtime.simLoop().run(() -> sendSome(burst));
    }
    scheduler.after(scheduler.delayNanos(1, 60), "real-produce", this::turn);
  }

  private void sendSome(int burst) {
    for (int i = 0; i < burst && sent < records; i++) {
      int number = sent++;
      // Stamped in a past that no leap of a broker's clock reaches: it would refuse the future.
      long value = (long) process * VALUES_OF_A_PROCESS + number;
      Send send = history.invoked(process, value, 1, true);
      producer.send(
          new ProducerRecord(
              SimCluster.TOPIC,
              partition.partition(),
              null,
              Payload.record(value, scheduler.random()),
              List.of(),
              scheduler.nowMs()),
          (metadata, thrown) -> ended(number, send, metadata, thrown));
    }
  }

  private void ended(int number, Send send, RecordMetadata metadata, HighwaterException thrown) {
    if (stopped) {
      return;
    }
    if (thrown != null) {
      failure = new AssertionError("ACK-2: the producer gave " + send + " up", thrown);
    } else if (number != acknowledged) {
      failure = new AssertionError("ACK-3: " + number + " is told before " + acknowledged);
    } else {
      history.ended(send, Outcome.DONE, metadata.offset());
    }
    acknowledged++;
  }

  @Override
  public void stop() {
    stopped = true;
    runtime.close();
  }

  @Override
  public boolean isDone() {
    return acknowledged == records && failure == null;
  }

  @Override
  public boolean hasRead(ToLongFunction<TopicIdPartition> committed) {
    return true;
  }

  @Override
  public String toString() {
    return "producer " + process + " sent " + sent + ", told of " + acknowledged;
  }
}
