package io.highwater.replication.sim;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.Codec;
import io.highwater.replication.control.PartitionImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An idempotent producer for one partition and a reader of it: at most five batches in flight,
 * everything not acknowledged is sent again in order after any failure.
 */
final class SimClient {
  private static final int MAX_IN_FLIGHT = 5;
  private static final long REQUEST_TIMEOUT_MS = 400;

  private static final class InFlight {
    private final int sequence;
    private final byte[] batch;
    private int attempt;
    private boolean wasFirst;
    private boolean acknowledged;

    InFlight(int sequence, byte[] batch) {
      this.sequence = sequence;
      this.batch = batch;
    }
  }

  private final int node;
  private final SimCluster cluster;
  private final SimScheduler scheduler;
  private final TopicIdPartition partition;
  private final int batches;
  private final BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 16);
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private int built;
  private int nextSequence;
  private int acknowledged;
  private int leader = -1;
  private int leaderEpoch = -1;
  private boolean resending;
  private boolean stopped;
  private long position;

  SimClient(int node, SimCluster cluster, TopicIdPartition partition, int batches) {
    this.node = node;
    this.cluster = cluster;
    this.scheduler = cluster.scheduler();
    this.partition = partition;
    this.batches = batches;
  }

  void start() {
    refresh();
    produce();
    read();
  }

  int acknowledged() {
    return acknowledged;
  }

  boolean isDone() {
    return stopped || acknowledged == batches;
  }

  /** How far it has read. */
  long position() {
    return position;
  }

  /** Sends and reads nothing any more. */
  void stop() {
    stopped = true;
    inFlight.clear();
  }

  /** A first batch of some producer. */
  static byte[] batchOf(long producerId) {
    BatchBuilder builder = new BatchBuilder(Codec.NONE, 1 << 10);
    builder.producer(producerId, (short) 0, 0);
    builder.append(0, null, new byte[] {1}, List.of());
    ByteBuffer batch = builder.build();
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    return bytes;
  }

  private void produce() {
    if (!stopped && built < batches) {
      if (inFlight.size() < MAX_IN_FLIGHT && !resending) {
        InFlight next = build();
        inFlight.addLast(next);
        send(next);
      }
      scheduler.after(scheduler.delayNanos(1, 40), "produce", this::produce);
    }
  }

  private InFlight build() {
    int records = 1 + scheduler.random().nextInt(3);
    int sequence = nextSequence;
    builder.reset();
    builder.producer(node, (short) 0, sequence);
    for (int i = 0; i < records; i++) {
      byte[] value =
          (node + "-" + (sequence + i) + "x".repeat(scheduler.random().nextInt(200)))
              .getBytes(StandardCharsets.US_ASCII);
      builder.append(scheduler.nowMs(), null, value, List.of());
    }
    ByteBuffer batch = builder.build();
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    nextSequence += records;
    built++;
    return new InFlight(sequence, bytes);
  }

  private void send(InFlight batch) {
    int attempt = ++batch.attempt;
    batch.wasFirst = inFlight.peekFirst() == batch;
    int epoch = leaderEpoch;
    if (leader > 0) {
      SimBroker broker = cluster.broker(leader);
      cluster
          .network()
          .send(
              node,
              broker.id(),
              "produce-request",
              () -> {
                SimLoop loop = broker.loop();
                loop.run(
                    () ->
                        broker.produce(
                            partition,
                            batch.batch.clone(),
                            epoch,
                            (error, newerEpoch) ->
                                cluster
                                    .network()
                                    .send(
                                        broker.id(),
                                        node,
                                        "produce-reply",
                                        () -> replied(batch, attempt, error, newerEpoch))));
              });
    }
    scheduler.after(
        TimeUnit.MILLISECONDS.toNanos(REQUEST_TIMEOUT_MS),
        "produce-timeout",
        () -> replied(batch, attempt, ErrorCode.REQUEST_TIMED_OUT, -1));
  }

  private void replied(InFlight batch, int attempt, ErrorCode error, int newerEpoch) {
    if (batch.acknowledged || attempt != batch.attempt || !inFlight.contains(batch)) {
      return;
    }
    if (error == ErrorCode.NONE) {
      batch.acknowledged = true;
      acknowledged++;
      leaderEpoch = Math.max(leaderEpoch, newerEpoch);
      while (!inFlight.isEmpty() && inFlight.peekFirst().acknowledged) {
        inFlight.pollFirst();
      }
      return;
    }
    if (batch.wasFirst && !error.retriable()) {
      throw new AssertionError(
          "IDM-1: all before sequence " + batch.sequence + " is committed, but: " + error);
    }
    if (!resending) {
      resending = true;
      scheduler.after(scheduler.delayNanos(5, 60), "resend", this::resend);
    }
  }

  private void resend() {
    resending = false;
    refresh();
    for (InFlight batch : inFlight) {
      if (!batch.acknowledged) {
        send(batch);
      }
    }
  }

  private void refresh() {
    PartitionImage image = cluster.quorum().image().partition(partition);
    if (image != null && image.leaderEpoch() >= leaderEpoch) {
      leader = image.leader();
      leaderEpoch = image.leaderEpoch();
    }
  }

  private void read() {
    if (stopped) {
      return;
    }
    PartitionImage image = cluster.quorum().image().partition(partition);
    if (image.hasLeader()) {
      SimBroker broker = cluster.broker(image.leader());
      cluster
          .network()
          .send(
              node,
              broker.id(),
              "fetch",
              () -> broker.loop().run(() -> position = broker.fetch(partition, position)));
    }
    scheduler.after(scheduler.delayNanos(5, 50), "read", this::read);
  }
}
