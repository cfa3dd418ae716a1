package io.highwater.server.produce;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The batches of one client's stream on their way through the gate: while one is looked into beside
 * the loop, those that follow it to the same partition wait, and are appended in their order
 * (ACK-3). What waits counts against the stream's credit, since it is not answered, and is bounded
 * by client and in all: more is refused. On the owner loop.
 */
public final class OrderedAppends {
  private final ProduceHandler handler;
  private final BatchGate gate;
  private final Object client;
  private final Map<TopicIdPartition, ArrayDeque<Arrived>> waiting = new HashMap<>();

  /**
   * A stream, or a call, of which nothing came yet.
   *
   * @param client the connection that it came on: they take turns
   */
  public OrderedAppends(ProduceHandler handler, BatchGate gate, Object client) {
    this.handler = handler;
    this.gate = gate;
    this.client = client;
  }

  /** Whether so little of the client waits that more may be read from it. */
  public boolean takesMore() {
    return gate.waiting().takesMore(client);
  }

  /** A batch that is not appended yet. */
  private record Arrived(
      Append request, ByteBuffer records, Runnable release, Consumer<AppendOutcome> answer) {}

  /**
   * Appends a batch, once those before it to the same partition are.
   *
   * @param records one record batch v2 between position and limit, backed by an array
   * @param release called once, when the records are not needed any more; possibly before this
   *     returns
   * @param answer as {@link ProduceHandler#append} has it
   */
  public void append(
      Append request, ByteBuffer records, Runnable release, Consumer<AppendOutcome> answer) {
    Arrived arrived = new Arrived(request, records, release, answer);
    ArrayDeque<Arrived> before = waiting.get(request.partition());
    if (before != null) {
      queue(arrived, before);
    } else if (!isThrough(arrived)) {
      ArrayDeque<Arrived> queue = new ArrayDeque<>();
      queue.add(arrived);
      waiting.put(request.partition(), queue);
    }
  }

  private void queue(Arrived arrived, ArrayDeque<Arrived> before) {
    try {
      gate.waiting().take(client, arrived.records.remaining());
      before.add(arrived);
    } catch (HighwaterException e) {
      handler.refuse(arrived.request, e, arrived.answer);
      arrived.release.run();
    }
  }

  /** Whether it was appended or refused at once; else it will be. */
  private boolean isThrough(Arrived arrived) {
    Looking looking = new Looking(arrived);
    try {
      gate.look(client, arrived.records, handler.rules(arrived.request), looking);
    } catch (HighwaterException e) {
      looking.accept(e);
    }
    looking.later = true;
    return looking.done;
  }

  /** One batch at the gate. */
  private final class Looking implements Consumer<HighwaterException> {
    private final Arrived arrived;
    private boolean later;
    private boolean done;

    Looking(Arrived arrived) {
      this.arrived = arrived;
    }

    @Override
    public void accept(HighwaterException refusal) {
      done = true;
      try {
        if (refusal == null) {
          handler.appendValidated(arrived.request, arrived.records, arrived.answer);
        } else {
          handler.refuse(arrived.request, refusal, arrived.answer);
        }
      } finally {
        arrived.release.run();
      }
      if (later) {
        proceed(arrived.request.partition());
      }
    }
  }

  /** The first one is through: the next ones follow, up to one that has to be looked into, too. */
  private void proceed(TopicIdPartition partition) {
    ArrayDeque<Arrived> queue = waiting.get(partition);
    queue.remove();
    while (!queue.isEmpty()) {
      gate.waiting().giveBack(client, queue.element().records.remaining());
      if (!isThrough(queue.element())) {
        return;
      }
      queue.remove();
    }
    waiting.remove(partition);
  }
}
