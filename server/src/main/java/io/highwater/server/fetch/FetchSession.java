package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.record.BatchLayout;
import io.highwater.replication.HighWatermarkListener;
import io.highwater.replication.LostRecords;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import io.highwater.replication.control.RecordLoss;
import io.highwater.server.partition.LeaderHint;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Pushes committed batches of many partitions to one client, as far as the sink takes them. What
 * has something to send queues up and is served in turn, one frame each, so no partition starves
 * another; a partition that fails ends alone. On the owner loop.
 */
public final class FetchSession {
  /** Reads from disk under way at once: each holds a buffer that no credit was spent on yet. */
  private static final int MAX_READS = 4;

  private static final long CLAIM_PAUSE_MS = 100;

  private final LedPartitions partitions;
  private final PartitionReader reader;
  private final OwnerLoop loop;
  private final FetchSink sink;
  private final Map<TopicIdPartition, Subscription> subscriptions = new HashMap<>();
  private final ArrayDeque<Subscription> queue = new ArrayDeque<>();
  private int reads;
  private boolean pumpScheduled;
  private boolean closed;

  /** A session without partitions. */
  public FetchSession(
      LedPartitions partitions, PartitionReader reader, OwnerLoop loop, FetchSink sink) {
    this.partitions = partitions;
    this.reader = reader;
    this.loop = loop;
    this.sink = sink;
  }

  /** Starts a partition, or moves it. A refusal goes to the sink and ends this partition alone. */
  public void position(FetchStart start) {
    stop(start.id());
    try {
      Replica replica =
          start.fromFollower()
              ? partitions.findInSync(start.id(), start.currentLeaderEpoch())
              : partitions.find(start.id(), start.currentLeaderEpoch());
      boolean follows = replica.role() == Replica.Role.FOLLOWER;
      Subscription subscription = new Subscription(replica, start, follows);
      if (!follows) {
        FetchChecks.requireKnownEpoch(replica, start);
        subscription.tellLost(FetchChecks.check(replica.log(), losses(start), start));
      }
      subscriptions.put(start.id(), subscription);
      replica.addListener(subscription);
      enqueue(subscription);
      if (follows) {
        subscription.watchLater();
      }
    } catch (PartitionException e) {
      sink.ended(start.id(), e.code(), e.getMessage(), start.offset(), e.leader().orElse(null));
    }
  }

  private List<RecordLoss> losses(FetchStart start) {
    return partitions.losses(start.id());
  }

  /** Ends a partition at the client's wish. */
  public void stop(TopicIdPartition id) {
    Subscription subscription = subscriptions.get(id);
    if (subscription != null) {
      forget(subscription);
    }
  }

  /** Goes back: what the sink was given from {@code offset} on is read again. */
  public void rewind(TopicIdPartition id, long offset) {
    Subscription subscription = subscriptions.get(id);
    if (subscription != null) {
      subscription.nextOffset = offset;
      subscription.caughtUp = false;
      enqueue(subscription);
      resume(); // It may be in the queue already, for what comes behind that.
    }
  }

  /** Sends on: to be called whenever the sink may take more again. */
  public void resume() {
    if (!pumpScheduled && !closed) {
      pumpScheduled = true;
      loop.execute(this::pump);
    }
  }

  /** Ends the session; the sink hears nothing more. */
  public void close() {
    closed = true;
    for (Subscription subscription : new ArrayList<>(subscriptions.values())) {
      forget(subscription);
    }
  }

  private void enqueue(Subscription subscription) {
    if (!subscription.queued && !subscription.reading) {
      subscription.queued = true;
      queue.addLast(subscription);
      resume();
    }
  }

  private void pump() {
    pumpScheduled = false;
    // Each partition once: what a frame leaves behind is served in the next round, after other
    // tasks of the loop had their turn.
    for (int turns = queue.size(); turns > 0 && mayRead(); turns--) {
      Subscription next = queue.pollFirst();
      if (next != null) {
        next.queued = false;
        if (!next.serve()) {
          // In front: what others could read must not keep it from its turn.
          next.queued = true;
          queue.addFirst(next);
        }
      }
    }
    if (queue.isEmpty() || closed) {
      return;
    }
    if (mayRead()) {
      if (!pumpScheduled) {
        pumpScheduled = true;
        loop.executeAfterIo(this::pump);
      }
    } else if (!sink.takesRecords()) {
      queue.forEach(Subscription::signal);
    }
  }

  private boolean mayRead() {
    return !closed && reads < MAX_READS && sink.takesRecords();
  }

  private void forget(Subscription subscription) {
    subscription.over = true;
    subscription.replica.removeListener(subscription);
    subscriptions.remove(subscription.id, subscription);
    if (subscription.queued) {
      queue.remove(subscription);
    }
  }

  private void end(Subscription subscription, ErrorCode error, String text, LeaderHint leader) {
    forget(subscription);
    sink.ended(subscription.id, error, text, subscription.nextOffset, leader);
  }

  /** One partition of the session. */
  private final class Subscription implements HighWatermarkListener, PartitionReader.Listener {
    private final Replica replica;
    private final TopicIdPartition id;
    private final int maxBytes;

    /** Null on the leader. */
    private final FollowerTerms terms;

    private long nextOffset;
    private long readTo;
    private long toldHighWatermark = -1;
    private boolean caughtUp;
    private boolean claimed;
    private boolean claiming;
    private boolean queued;
    private boolean reading;
    private boolean over;

    /** What the next batch takes, as far as that is known. */
    private int leastBytes = BatchLayout.HEADER_BYTES;

    private int reservedBytes;

    Subscription(Replica replica, FetchStart start, boolean follows) {
      this.replica = replica;
      this.id = start.id();
      this.maxBytes = start.maxBytes() > 0 ? start.maxBytes() : Integer.MAX_VALUE;
      this.terms = follows ? new FollowerTerms(partitions, replica, start) : null;
      this.nextOffset = start.offset();
    }

    private void tellLost(Optional<LostRecords> found) {
      found.ifPresent(
          lost -> {
            sink.lost(id, lost, replica.status());
            nextOffset = lost.nextOffset();
          });
    }

    /** A follower falls behind or out of sync without a sound, so it is looked at. */
    private void watchLater() {
      loop.schedule(FollowerTerms.WATCH_MS, this::watch);
    }

    private void watch() {
      if (over) {
        return;
      }
      try {
        terms.watch(nextOffset);
      } catch (PartitionException e) {
        end(this, e.code(), e.getMessage(), e.leader().orElse(null));
        return;
      }
      enqueue(this);
      watchLater();
    }

    private boolean permitted() {
      try {
        return terms == null || terms.permit(nextOffset);
      } catch (PartitionException e) {
        end(this, e.code(), e.getMessage(), e.leader().orElse(null));
        return false;
      }
    }

    /** Returns false when it could read, had there been room. */
    boolean serve() {
      if (!permitted()) {
        return true;
      }
      long logStartOffset = replica.log().logStartOffset();
      if (nextOffset < logStartOffset) {
        sink.gap(id, nextOffset, replica.status());
        nextOffset = logStartOffset;
      }
      if (nextOffset < replica.log().highWatermark()) {
        return read();
      }
      signal();
      return true;
    }

    private boolean read() {
      int mostBytes = Math.max(leastBytes, Math.min(maxBytes, reader.usualBytes()));
      try {
        reservedBytes = sink.reserve(id, nextOffset, leastBytes, mostBytes);
      } catch (HighwaterException e) {
        end(this, e.code(), e.getMessage(), null);
        return true;
      }
      if (reservedBytes == 0) {
        return false;
      }
      reading = true;
      reads++;
      readTo = replica.log().highWatermark();
      reader.read(replica.log(), nextOffset, reservedBytes, this);
      return true;
    }

    private void readEnded(int usedBytes) {
      reading = false;
      reads--;
      sink.unreserve(reservedBytes - usedBytes);
      if (!queue.isEmpty()) {
        resume();
      }
    }

    /**
     * A claim about recency, which the in-sync replicas confirm first (FEN-2). Who follows the end
     * closely hears of it from time to time only; records carry the high watermark anyway.
     */
    private void claimCaughtUp() {
      if (caughtUp || claiming) {
        return;
      }
      claiming = true;
      if (claimed) {
        loop.schedule(CLAIM_PAUSE_MS, this::confirmEnd);
      } else {
        claimed = true;
        confirmEnd();
      }
    }

    private void confirmEnd() {
      if (over || nextOffset < replica.log().highWatermark()) {
        claiming = false;
        return;
      }
      CompletableFuture<Void> unused =
          replica
              .confirmedEnd()
              .handle(
                  (end, failure) -> {
                    claiming = false;
                    if (failure == null) {
                      signalCaughtUp(end);
                    } else if (!over) {
                      claimCaughtUp();
                    }
                    return null;
                  });
    }

    private void signalCaughtUp(long end) {
      if (over || caughtUp || nextOffset < end) {
        return;
      }
      if (!sink.takesCaughtUp()) {
        claimCaughtUp(); // Nothing else would bring it up again while no records come.
      } else {
        caughtUp = true;
        toldHighWatermark = end;
        sink.caughtUp(id, replica.status());
      }
    }

    /** What can be said without records. */
    void signal() {
      if (terms == null && nextOffset >= replica.log().highWatermark()) {
        claimCaughtUp();
      } else {
        signalWatermark();
      }
    }

    private void signalWatermark() {
      long highWatermark = replica.log().highWatermark();
      if (highWatermark > toldHighWatermark && sink.takesSignals()) {
        toldHighWatermark = highWatermark;
        sink.watermark(id, replica.status());
      }
    }

    @Override
    public void onRead(ByteBuffer records, long endOffset) {
      readEnded(over ? 0 : records.remaining());
      if (over) {
        reader.release(records);
        return;
      }
      leastBytes = BatchLayout.HEADER_BYTES;
      long wantedOffset = nextOffset;
      nextOffset = endOffset;
      caughtUp = false;
      toldHighWatermark = replica.log().highWatermark();
      sink.records(id, wantedOffset, records, replica.status());
      if (!over) {
        enqueue(this);
      }
    }

    @Override
    public void onNothing(long endOffset) {
      readEnded(0);
      boolean moved = endOffset > nextOffset;
      nextOffset = Math.max(nextOffset, endOffset);
      // Else the next high watermark wakes it: a read of the same again would turn in circles.
      if (!over && (moved || replica.log().highWatermark() > readTo)) {
        enqueue(this);
      }
    }

    @Override
    public void onTooSmall(int neededBytes) {
      readEnded(0);
      leastBytes = neededBytes;
      if (!over) {
        enqueue(this);
      }
    }

    @Override
    public void onFailed(HighwaterException failure) {
      readEnded(0);
      if (over) {
        return;
      }
      if (failure.code() == ErrorCode.OFFSET_OUT_OF_RANGE
          && nextOffset < replica.log().logStartOffset()) {
        // The log start moved while a cold read was under way: the next turn tells the gap.
        enqueue(this);
      } else {
        end(this, failure.code(), failure.getMessage(), null);
      }
    }

    @Override
    public void onHighWatermark(TopicIdPartition advanced, long highWatermark) {
      enqueue(this);
    }

    @Override
    public void onRoleEnded(TopicIdPartition ended) {
      PartitionException redirect = partitions.catalog().notLeader(id);
      end(this, redirect.code(), redirect.getMessage(), redirect.leader().orElse(null));
    }
  }
}
