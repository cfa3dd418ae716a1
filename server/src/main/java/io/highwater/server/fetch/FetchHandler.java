package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.replication.Cancellable;
import io.highwater.replication.LostRecords;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.Replica;
import io.highwater.server.partition.LedPartitions;
import io.highwater.server.partition.PartitionException;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

  /** An answer lies in memory as it was read and as the transport has it. */
  private static final int COPIES = 2;

  private final LedPartitions partitions;
  private final PartitionReader reader;
  private final FetchWaiters waiters;
  private final NanoClock clock;
  private final OwnerLoop loop;

  /** Reads the partitions led here. */
  public FetchHandler(
      LedPartitions partitions, PartitionReader reader, OwnerLoop loop, NanoClock clock) {
    this.partitions = partitions;
    this.reader = reader;
    this.waiters = new FetchWaiters(loop);
    this.clock = clock;
    this.loop = loop;
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
   * @param call whose memory the answers take until the poll is called off
   * @param answer called once with the answers in the order of {@code starts}
   * @return calls the poll off: {@code answer} is not called any more, and what it brought is not
   *     needed any more; to be called in any case
   */
  public Cancellable poll(
      Poll poll,
      List<FetchStart> starts,
      ReaderMemory.Call call,
      Consumer<List<FetchAnswer>> answer) {
    PendingPoll pending = new PendingPoll(poll, starts, call, answer);
    pending.attempt();
    return pending;
  }

  private final class PendingPoll implements Cancellable {
    private final Poll poll;
    private final List<FetchStart> starts;
    private final Consumer<List<FetchAnswer>> answer;
    private final long deadlineNs;
    private final FetchAnswer[] answers;

    /** What the next batch of each takes, as far as that is known. */
    private final int[] leastBytes;

    private final Set<Replica> replicas = new LinkedHashSet<>();
    private final ReaderMemory.Reader room;
    private final int maxTake;
    private Cancellable parked = Cancellable.DONE;
    private int underWay;
    private long bytes;
    private long reserved;
    private boolean failed;
    private boolean lacksRoom;
    private boolean cancelled;

    PendingPoll(
        Poll poll,
        List<FetchStart> starts,
        ReaderMemory.Call call,
        Consumer<List<FetchAnswer>> answer) {
      this.room = call.open(this::onRoom);
      this.maxTake = call.maxTake();
      this.poll = poll;
      this.starts = starts;
      this.answer = answer;
      this.deadlineNs = clock.nanoTime() + poll.maxWaitMs() * NS_PER_MS;
      this.answers = new FetchAnswer[starts.size()];
      this.leastBytes = new int[starts.size()];
      Arrays.fill(leastBytes, BatchLayout.HEADER_BYTES);
    }

    void attempt() {
      replicas.clear();
      lacksRoom = false;
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
          int most = (int) Math.min(left, reader.usualBytes());
          int asked = start.maxBytes() > 0 ? start.maxBytes() : most;
          read(index, replica, Math.min(asked, most));
        }
      } catch (PartitionException e) {
        fail(index, e.code(), e.getMessage(), e);
      }
    }

    private static FetchAnswer read(ByteBuffer records, Replica replica, LostRecords lost) {
      return new FetchAnswer(ErrorCode.NONE, "", records, replica.status(), null, lost);
    }

    private void read(int index, Replica replica, int mostBytes) {
      int least = leastBytes[index];
      if ((long) COPIES * least > maxTake) {
        fail(index, ErrorCode.MESSAGE_TOO_LARGE, tooLarge(least), null);
        return;
      }
      int taken = room.take(COPIES * least, COPIES * Math.max(least, mostBytes)) / COPIES;
      if (taken == 0) {
        lacksRoom = true;
        return;
      }
      reserved += taken;
      readInto(taken, index, replica);
    }

    private void readInto(int taken, int index, Replica replica) {
      underWay++;
      reader.read(
          replica.log(),
          starts.get(index).offset(),
          taken,
          new PartitionReader.Listener() {
            @Override
            public void onRead(ByteBuffer records, long nextOffset) {
              giveBack(taken, records.remaining());
              answers[index] = read(copy(records), replica, answers[index].lost());
              reader.release(records);
              ended();
            }

            @Override
            public void onNothing(long nextOffset) {
              giveBack(taken, 0);
              ended();
            }

            @Override
            public void onTooSmall(int neededBytes) {
              leastBytes[index] = neededBytes;
              readMore(taken, index, replica);
              ended();
            }

            @Override
            public void onFailed(HighwaterException failure) {
              giveBack(taken, 0);
              fail(index, failure.code(), failure.getMessage(), null);
              ended();
            }
          });
    }

    /** A first batch may exceed what was asked for. */
    private void readMore(int taken, int index, Replica replica) {
      int needed = leastBytes[index];
      boolean wanted = poll.maxBytes() > bytes + reserved - taken;
      boolean fits = (long) COPIES * needed <= maxTake;
      if (wanted && fits && !cancelled && room.takeMore(COPIES * (needed - taken))) {
        reserved += needed - taken;
        readInto(needed, index, replica);
        return;
      }
      giveBack(taken, 0);
      if (wanted) {
        read(index, replica, needed);
      }
    }

    private void giveBack(int taken, int used) {
      reserved -= taken;
      bytes += used;
      room.hold((long) COPIES * (used - taken));
      if (cancelled && reserved == 0) {
        room.close();
      }
    }

    private String tooLarge(int neededBytes) {
      return "a batch of "
          + neededBytes
          + " bytes is more than one answer may hold here; a fetch stream brings it";
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
      if (cancelled) {
        return;
      }
      long leftNs = deadlineNs - clock.nanoTime();
      boolean enough = failed || (bytes >= poll.minBytes() && !lacksRoom);
      if (enough || replicas.isEmpty() || leftNs <= 0 || (lacksRoom && bytes > 0)) {
        refuseWhatHadNoRoom();
        answer.accept(List.of(answers));
      } else {
        forget();
        if (lacksRoom && !room.isWaiting()) {
          attemptSoon(); // There was room while others of its reads were under way.
          return;
        }
        parked = waiters.park(replicas, Math.max(1, leftNs / NS_PER_MS), this::attempt);
      }
    }

    /** Who waits for more reads it all again. */
    private void forget() {
      Arrays.fill(answers, null);
      room.hold(-COPIES * bytes);
      bytes = 0;
    }

    private void refuseWhatHadNoRoom() {
      for (int i = 0; lacksRoom && bytes == 0 && i < answers.length; i++) {
        if (answers[i].error() == ErrorCode.NONE) {
          fail(i, ErrorCode.THROTTLING_QUOTA_EXCEEDED, room.shortage(), null);
        }
      }
    }

    private void onRoom() {
      if (!cancelled && lacksRoom && underWay == 0) {
        parked.cancel();
        attemptSoon();
      }
    }

    private void attemptSoon() {
      loop.execute(
          () -> {
            if (!cancelled && lacksRoom && underWay == 0) {
              attempt();
            }
          });
    }

    @Override
    public void cancel() {
      cancelled = true;
      parked.cancel();
      if (reserved == 0) {
        room.close();
      }
    }
  }
}
