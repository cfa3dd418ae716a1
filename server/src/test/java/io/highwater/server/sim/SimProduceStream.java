package io.highwater.server.sim;

import io.highwater.client.Credit;
import io.highwater.client.ProduceStream;
import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.sim.SimStream;
import io.highwater.server.produce.Append;
import io.highwater.server.produce.AppendOutcome;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Consumer;

/** Batches to the broker's handler, and its answers. */
final class SimProduceStream implements ProduceStream {
  private static final int MAX_BATCH_BYTES = 1 << 20;
  private static final Credit UNLIMITED = new Credit(Long.MAX_VALUE, Long.MAX_VALUE);

  private final Services services;
  private final Link link;
  private final Listener listener;
  private final SimStream stream;
  private boolean closed;

  SimProduceStream(Services services, Link link, Listener listener) {
    this.services = services;
    this.link = link;
    this.listener = listener;
    this.stream = link.stream(() -> tell(to -> to.onClosed(Link.lost())), () -> {});
    Hello hello = new Hello(link.broker().id(), MAX_BATCH_BYTES, UNLIMITED);
    stream.send(stream.first(), "produce-open", () -> answer("hello", to -> to.onHello(hello)));
  }

  private void tell(Consumer<Listener> what) {
    if (!closed) {
      what.accept(listener);
    }
  }

  private void answer(String label, Consumer<Listener> what) {
    stream.send(stream.second(), label, () -> tell(what));
  }

  @Override
  public void send(
      long correlationId,
      UUID topicId,
      int partition,
      int leaderEpoch,
      Acks acks,
      int timeoutMs,
      ByteBuffer records) {
    byte[] sent = new byte[records.remaining()];
    records.duplicate().get(sent);
    TopicIdPartition id = new TopicIdPartition(topicId, partition);
    Append append = new Append(id, leaderEpoch, acks, timeoutMs);
    stream.send(stream.first(), "produce", () -> serve(correlationId, append, sent));
  }

  /** At the broker. */
  private void serve(long correlationId, Append append, byte[] sent) {
    ServedBroker broker = services.of(link.broker());
    TopicIdPartition id = append.partition();
    try {
      broker.catalog().partition(id.topicId(), null, id.partition());
    } catch (HighwaterException e) {
      acknowledge(correlationId, append, sent, AppendOutcome.refused(e));
      return;
    }
    broker
        .produce()
        .append(
            append,
            ByteBuffer.wrap(sent.clone()),
            outcome -> acknowledge(correlationId, append, sent, outcome));
  }

  private void acknowledge(long correlationId, Append append, byte[] sent, AppendOutcome outcome) {
    AppendReceipt receipt = outcome.receipt();
    if (outcome.error() == ErrorCode.NONE && append.acks() == Acks.ALL) {
      services.cluster().history().acknowledged(append.partition(), receipt, sent);
    }
    Ack ack =
        new Ack(
            correlationId,
            outcome.error(),
            outcome.outcome(),
            outcome.text(),
            receipt == null ? -1 : told(receipt),
            receipt == null ? -1 : receipt.status().leaderEpoch(),
            receipt == null ? 0 : receipt.replicas(),
            receipt == null ? 0 : receipt.fsynced(),
            receipt != null && receipt.duplicate(),
            SimChannel.hint(outcome.leader()),
            0);
    answer("ack", to -> to.onAck(ack));
  }

  private long told(AppendReceipt receipt) {
    return services.flaw() == ClientFlaw.RECEIPT_NAMES_ANOTHER_OFFSET
        ? receipt.lastOffset() + 1
        : receipt.baseOffset();
  }

  @Override
  public void close() {
    closed = true;
    stream.close(stream.first());
  }
}
