package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.Cancellable;
import io.highwater.replication.LostRecords;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * Long polls: reads what is committed in several partitions, and while that is less than the client
 * wants, waits for a high watermark to rise and reads again. On the owner loop.
 */
public final class FetchHandler {
  private static final long NS_PER_MS = 1_000_000;

  private final LedPartitions partitions;
  private final PartitionReader reader;
  private final FetchWaiters waiters;
  private final NanoClock clock;

  /** Reads the partitions led here. */
  public FetchHandler(
      LedPartitions partitions, PartitionReader reader, OwnerLoop loop, NanoClock clock) {
    this.partitions = partitions;
    this.reader = reader;
    this.waiters = new FetchWaiters(loop);
    this.clock = clock;
  }

  /**
   * What one long poll wants.
   *
   * @param maxWaitMs how long it may wait
   * @param minBytes answered as soon as this much is there; an error answers at once
   * @param maxBytes of all partitions together; a first batch may exceed it
   */
  public record Poll(int maxWaitMs, int minBytes, int maxBytes) {}

  /**
   * Polls.
   *
   * @param answer called once with the answers in the order of {@code starts}
   * @return calls the poll off: {@code answer} is not called any more
   */
  public Cancellable poll(Poll poll, List<FetchStart> starts, Consumer<List<FetchAnswer>> answer) {
    PendingPoll pending = new PendingPoll(poll, starts, answer);
    pending.attempt();
    return pending;
  }

  private final class PendingPoll implements Cancellable {
    private final Poll poll;
    private final List<FetchStart> starts;
    private final Consumer<List<FetchAnswer>> answer;
    private final long deadlineNs;
    private final FetchAnswer[] answers;
    private final Set<Replica> replicas = new LinkedHashSet<>();
    private Cancellable parked = Cancellable.DONE;
    private int underWay;
    private long bytes;
    private long reserved;
    private boolean failed;
    private boolean cancelled;

    PendingPoll(Poll poll, List<FetchStart> starts, Consumer<List<FetchAnswer>> answer) {
      this.poll = poll;
      this.starts = starts;
      this.answer = answer;
      this.deadlineNs = clock.nanoTime() + poll.maxWaitMs() * NS_PER_MS;
      this.answers = new FetchAnswer[starts.size()];
    }

    void attempt() {
      replicas.clear();
      bytes = 0;
      reserved = 0;
      failed = false;
      // Held by this loop, so that reads that end at once do not end the attempt.
      underWay = 1;
      for (int i = 0; i < answers.length; i++) {
        begin(i, starts.get(i));
      }
      ended();
    }

    private void begin(int index, FetchStart start) {
      try {
        Replica replica = partitions.find(start.id(), start.currentLeaderEpoch());
        FetchChecks.requireKnownEpoch(replica, start);
        LostRecords lost =
            FetchChecks.check(replica.log(), partitions.losses(start.id()), start).orElse(null);
        if (lost != null && lost.certain()) {
          answers[index] =
              new FetchAnswer(
                  ErrorCode.OFFSET_OUT_OF_RANGE, lost.text(), null, replica.status(), null, lost);
          failed = true;
          return;
        }
        if (start.offset() < replica.log().logStartOffset()) {
          throw new PartitionException(
              ErrorCode.OFFSET_OUT_OF_RANGE,
              "the log starts at " + replica.log().logStartOffset(),
              null);
        }
        replicas.add(replica);
        answers[index] = read(null, replica, lost);
        long left = poll.maxBytes() - bytes - reserved;
        boolean first = bytes == 0 && reserved == 0;
        if (start.offset() < replica.log().highWatermark() && (first || left > 0)) {
          read(index, start, replica, lost, (int) Math.max(1, left));
        }
      } catch (PartitionException e) {
        fail(index, e.code(), e.getMessage(), e);
      }
    }

    private static FetchAnswer read(ByteBuffer records, Replica replica, LostRecords lost) {
      return new FetchAnswer(ErrorCode.NONE, "", records, replica.status(), null, lost);
    }

    private void read(int index, FetchStart start, Replica replica, LostRecords lost, int left) {
      int maxBytes = start.maxBytes() > 0 ? Math.min(start.maxBytes(), left) : left;
      underWay++;
      reserved += maxBytes;
      reader.read(
          replica.log(),
          start.offset(),
          maxBytes,
          new PartitionReader.Listener() {
            @Override
            public void onRead(ByteBuffer records, long nextOffset) {
              reserved -= maxBytes;
              bytes += records.remaining();
              answers[index] = read(copy(records), replica, lost);
              reader.release(records);
              ended();
            }

            @Override
            public void onNothing(long nextOffset) {
              reserved -= maxBytes;
              ended();
            }

            @Override
            public void onFailed(HighwaterException failure) {
              reserved -= maxBytes;
              fail(index, failure.code(), failure.getMessage(), null);
              ended();
            }
          });
    }

    /** An answer waits for others: it holds what was read and not the buffer it was read into. */
    private static ByteBuffer copy(ByteBuffer records) {
      return ByteBuffer.allocate(records.remaining()).put(records.duplicate()).flip();
    }

    private void fail(int index, ErrorCode error, String text, PartitionException redirect) {
      failed = true;
      Replica replica = partitions.present(starts.get(index).id());
      answers[index] =
          new FetchAnswer(
              error,
              text,
              null,
              replica == null ? null : replica.status(),
              redirect == null ? null : redirect.leader().orElse(null),
              null);
    }

    private void ended() {
      underWay--;
      if (underWay > 0) {
        return;
      }
      long leftNs = deadlineNs - clock.nanoTime();
      boolean enough = failed || bytes >= poll.minBytes() || replicas.isEmpty() || leftNs <= 0;
      if (cancelled) {
        return;
      }
      if (enough) {
        answer.accept(List.of(answers));
      } else {
        parked = waiters.park(replicas, Math.max(1, leftNs / NS_PER_MS), this::attempt);
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      parked.cancel();
    }
  }
}
