package io.highwater.server.produce;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.ContentValidator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Inflates and validates batches on a worker, a step of a MiB of one client's, then of the next
 * one's: whatever others sent, a small batch waits for one step of each of them. A client's own
 * batches are looked at in their order, one at a time. To be used from any thread.
 */
final class ValidationTurns {
  /** Inflated in one step, about. */
  static final int STEP_BYTES = 1 << 20;

  /** Batches of which more than a first step is kept: each holds a window and its codec's state. */
  private static final int MAX_UNDER_WAY = 8;

  private final Executor worker;

  // Guarded by this.
  private final Map<Object, Lane> lanes = new HashMap<>();
  private final ArrayDeque<Lane> turns = new ArrayDeque<>();
  private boolean running;

  // The worker's own.
  private final ArrayDeque<Lane> parked = new ArrayDeque<>();
  private Looker spare = new Looker();
  private int underWay;

  /**
   * @param worker runs one task at a time; closed, it refuses them, and what waits is let go
   */
  ValidationTurns(Executor worker) {
    this.worker = worker;
  }

  /**
   * Has a batch looked at.
   *
   * @param client whose turn it takes
   * @param records one batch between position and limit, backed by an array; left alone by others
   *     until {@code done}
   * @param done hears on the worker why it is refused, or null
   * @throws RejectedExecutionException when the worker is closed
   */
  void add(
      Object client, ByteBuffer records, boolean keysRequired, Consumer<HighwaterException> done) {
    boolean starts;
    synchronized (this) {
      Lane lane = lanes.get(client);
      if (lane == null) {
        lane = new Lane(client);
        lanes.put(client, lane);
        turns.add(lane);
      }
      lane.batches.add(new Batch(records, keysRequired, done));
      starts = !running;
      running = true;
    }
    if (starts) {
      worker.execute(this::turn);
    }
  }

  /** One step of the client whose turn it is. */
  private void turn() {
    Lane lane;
    Batch batch;
    synchronized (this) {
      lane = turns.remove();
      batch = lane.batches.element();
    }
    HighwaterException refusal = null;
    boolean isThrough = true;
    try {
      isThrough = step(lane, batch);
    } catch (HighwaterException e) {
      refusal = e;
    } catch (RuntimeException e) {
      refusal =
          new HighwaterException(
              ErrorCode.UNKNOWN_SERVER_ERROR, "the batch could not be looked into: " + e, e);
    }
    if (isThrough) {
      leave(lane);
      batch.done.accept(refusal);
    } else if (lane.looker != null) {
      comeAgain(lane);
    }
    goOn();
  }

  private boolean step(Lane lane, Batch batch) {
    if (lane.looker != null) {
      return lane.looker.advance();
    }
    spare.begin(batch);
    if (spare.advance()) {
      return true;
    }
    if (!lane.mayStay && underWay == MAX_UNDER_WAY) {
      parked.add(lane);
      return false;
    }
    underWay += lane.mayStay ? 0 : 1;
    lane.mayStay = true;
    lane.looker = spare;
    spare = new Looker();
    return false;
  }

  /** The client's next batch may begin. */
  private void leave(Lane lane) {
    if (lane.looker != null) {
      spare.content.close();
      spare = lane.looker;
      lane.looker = null;
    }
    if (lane.mayStay) {
      lane.mayStay = false;
      Lane next = parked.poll();
      if (next == null) {
        underWay--;
      } else {
        next.mayStay = true;
        comeAgain(next);
      }
    }
    synchronized (this) {
      lane.batches.remove();
      if (lane.batches.isEmpty()) {
        lanes.remove(lane.client);
      } else {
        turns.add(lane);
      }
    }
  }

  private synchronized void comeAgain(Lane lane) {
    turns.add(lane);
  }

  private void goOn() {
    synchronized (this) {
      running = !turns.isEmpty();
      if (!running) {
        return;
      }
    }
    try {
      worker.execute(this::turn);
    } catch (RejectedExecutionException e) {
      // The broker stops: nobody waits for the answers.
      close();
    }
  }

  private synchronized void close() {
    spare.content.close();
    for (Lane lane : lanes.values()) {
      if (lane.looker != null) {
        lane.looker.content.close();
      }
    }
  }

  /** A batch that waits, or is being looked at. */
  private record Batch(
      ByteBuffer records, boolean keysRequired, Consumer<HighwaterException> done) {}

  /** A client with batches. */
  private static final class Lane {
    private final Object client;
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();

    /** What has begun with the first one, or null. */
    private Looker looker;

    private boolean mayStay;

    Lane(Object client) {
      this.client = client;
    }
  }

  /** A window, and where a batch is in it. */
  private static final class Looker {
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final ContentValidator content = new ContentValidator();

    void begin(Batch batch) {
      ByteBuffer records = batch.records;
      buffer.wrap(records.array(), records.arrayOffset() + records.position(), records.remaining());
      content.begin(buffer, 0, batch.keysRequired);
    }

    boolean advance() {
      return content.advance(STEP_BYTES);
    }
  }
}
