package io.highwater.replication.sim;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.sim.history.ClientHistory;
import io.highwater.replication.sim.history.Send;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/** A producer of one partition. */
final class SimProducer {
  /** How it goes about it. */
  enum Kind {
    /**
     * Idempotent, acks=all, at most five batches in flight; everything not acknowledged is sent
     * again in order after any failure, for ever.
     */
    PATIENT(5, true, Acks.ALL),
    /** Idempotent, acks=all, one batch in flight; gives up at the first failure and starts anew. */
    IMPATIENT(1, true, Acks.ALL),
    /** Without a producer id, acks=1, else as impatient. */
    LEADER_ONLY(1, false, Acks.LEADER);

    private final int mostInFlight;
    private final boolean idempotent;
    private final Acks acks;

    Kind(int mostInFlight, boolean idempotent, Acks acks) {
      this.mostInFlight = mostInFlight;
      this.idempotent = idempotent;
      this.acks = acks;
    }
  }

  private static final long REQUEST_TIMEOUT_MS = 400;
  private static final int MOST_RECORDS = 3;
  private static final long VALUES_OF_A_PROCESS = 1_000_000;

  private static final class InFlight {
    private final Send send;
    private final int sequence;
    private final byte[] batch;
    private int attempt;
    private boolean wasFirst;
    private boolean acknowledged;

    InFlight(Send send, int sequence, byte[] batch) {
      this.send = send;
      this.sequence = sequence;
      this.batch = batch;
    }
  }

  private final Kind kind;
  private final SimCluster cluster;
  private final SimScheduler scheduler;
  private final SimClient client;
  private final ClientHistory history;
  private final int batches;
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private int process;
  private int built;
  private int ended;
  private int nextSequence;
  private boolean pausing;
  private boolean stopped;

  SimProducer(Kind kind, int node, SimCluster cluster, TopicIdPartition partition, int batches) {
    this.kind = kind;
    this.cluster = cluster;
    this.scheduler = cluster.scheduler();
    this.client = new SimClient(node, cluster, partition, this::disconnected);
    this.history = cluster.clients().history(partition);
    this.batches = batches;
    this.process = cluster.clients().nextProcess();
  }

  void start() {
    client.refresh();
    produce();
  }

  /** Batches that ended: if it is patient, all of them were acknowledged. */
  int ended() {
    return ended;
  }

  boolean isDone() {
    return stopped || ended == batches;
  }

  /** Sends nothing any more. */
  void stop() {
    stopped = true;
    inFlight.clear();
  }

  private void produce() {
    if (!stopped && built < batches) {
      if (inFlight.size() < kind.mostInFlight && !pausing) {
        InFlight next = build();
        inFlight.addLast(next);
        send(next);
      }
      scheduler.after(scheduler.delayNanos(1, 40), "produce", this::produce);
    }
  }

  private InFlight build() {
    int count = 1 + scheduler.random().nextInt(MOST_RECORDS);
    int sequence = nextSequence;
    long firstValue = process * VALUES_OF_A_PROCESS + sequence;
    byte[] batch =
        Payload.batch(
            kind.idempotent ? process : -1,
            kind.idempotent ? sequence : -1,
            firstValue,
            count,
            scheduler.nowMs(),
            scheduler.random());
    nextSequence += count;
    built++;
    Send send = history.invoked(process, firstValue, count, kind.acks == Acks.ALL);
    return new InFlight(send, sequence, batch);
  }

  private void send(InFlight batch) {
    int attempt = ++batch.attempt;
    int epoch = client.leaderEpoch();
    batch.wasFirst = inFlight.peekFirst() == batch;
    if (client.knowsLeader()) {
      client.request(
          "produce",
          (broker, answer) ->
              broker
                  .requests()
                  .produce(
                      client.partition(),
                      batch.batch.clone(),
                      epoch,
                      kind.acks,
                      reply -> answer.accept(() -> replied(batch, attempt, reply))));
    }
    scheduler.after(
        TimeUnit.MILLISECONDS.toNanos(REQUEST_TIMEOUT_MS),
        "produce-timeout",
        () -> replied(batch, attempt, SimRequests.Reply.unknown(ErrorCode.REQUEST_TIMED_OUT)));
  }

  private void disconnected() {
    for (InFlight batch : inFlight.toArray(InFlight[]::new)) {
      replied(batch, batch.attempt, SimRequests.Reply.unknown(ErrorCode.NETWORK_EXCEPTION));
    }
  }

  private void replied(InFlight batch, int attempt, SimRequests.Reply reply) {
    if (batch.acknowledged || attempt != batch.attempt || !inFlight.contains(batch)) {
      return;
    }
    if (reply.error() == ErrorCode.NONE) {
      batch.acknowledged = true;
      ended++;
      client.saw(reply.leaderEpoch());
      history.ended(batch.send, Outcome.DONE, reply.baseOffset());
      while (!inFlight.isEmpty() && inFlight.peekFirst().acknowledged) {
        inFlight.pollFirst();
      }
      return;
    }
    if (batch.wasFirst && !reply.error().retriable()) {
      throw new AssertionError(
          "IDM-1: all before sequence " + batch.sequence + " is committed, but: " + reply);
    }
    if (kind != Kind.PATIENT) {
      giveUp(batch, reply);
    }
    if (!pausing) {
      pausing = true;
      scheduler.after(scheduler.delayNanos(5, 60), "resend", this::resend);
    }
  }

  /** The process ends here, and another one goes on. */
  private void giveUp(InFlight batch, SimRequests.Reply reply) {
    ended++;
    history.ended(batch.send, reply.outcome(), -1);
    inFlight.clear();
    process = cluster.clients().nextProcess();
    nextSequence = 0;
  }

  private void resend() {
    pausing = false;
    client.refresh();
    for (InFlight batch : inFlight) {
      if (!batch.acknowledged) {
        send(batch);
      }
    }
  }
}
