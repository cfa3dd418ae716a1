package io.highwater.server.grpc;

import io.highwater.proto.TopicIdPartition;
import io.highwater.server.produce.AppendOutcome;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Lets the answers of one stream out in the order of its batches, partition by partition (ACK-3): a
 * refusal that is known at once waits until all before it is answered. Holds no more than the
 * stream's credit lets in. On the owner loop.
 */
final class AnswerOrder {
  private final Sink sink;
  private final Map<TopicIdPartition, Place> newest = new HashMap<>();

  /** Where answers go when it is their turn. */
  interface Sink {
    void answer(long correlationId, int bytes, AppendOutcome outcome);
  }

  AnswerOrder(Sink sink) {
    this.sink = sink;
  }

  /**
   * A batch came, behind all others of its partition.
   *
   * @return to be given its outcome, once
   */
  Consumer<AppendOutcome> next(TopicIdPartition partition, long correlationId, int bytes) {
    Place place = new Place(partition, correlationId, bytes);
    Place before = newest.put(partition, place);
    place.isFirst = before == null;
    if (before != null) {
      before.next = place;
    }
    return place;
  }

  private final class Place implements Consumer<AppendOutcome> {
    private final TopicIdPartition partition;
    private final long correlationId;
    private final int bytes;
    private AppendOutcome outcome;
    private Place next;
    private boolean isFirst;

    Place(TopicIdPartition partition, long correlationId, int bytes) {
      this.partition = partition;
      this.correlationId = correlationId;
      this.bytes = bytes;
    }

    @Override
    public void accept(AppendOutcome known) {
      outcome = known;
      Place due = isFirst ? this : null;
      while (due != null && due.outcome != null) {
        sink.answer(due.correlationId, due.bytes, due.outcome);
        due = due.leave();
      }
    }

    private Place leave() {
      if (next == null) {
        newest.remove(partition);
      } else {
        next.isFirst = true;
      }
      return next;
    }
  }
}
