package io.highwater.replication.leader;

import io.highwater.log.EpochEnd;
import io.highwater.log.PartitionLog;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.FollowerLink;
import io.highwater.replication.transport.FollowerLinkListener;
import io.highwater.replication.transport.HashAnswer;
import io.highwater.replication.transport.Hello;
import io.highwater.replication.transport.PushFrame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Pushes to one follower broker what it lacks of all partitions that it follows here: in turn, a
 * frame each, within the bytes that it granted. On the owner loop.
 *
 * <p>Frames go out at the end of the loop's turn, so that all appends of a turn share them. High
 * watermarks travel with records, or alone after a short delay.
 */
public final class ReplicaSender implements FollowerLinkListener {
  private static final ByteBuffer NO_RECORDS = ByteBuffer.allocate(0);

  /** After so many bytes other work of the loop gets its turn. */
  private static final long TURN_BYTES = 4L << 20;

  /** Cold reads of one follower at a time: others use the threads as well. */
  private static final int MAX_READS = 2;

  private final FollowerLink link;
  private final Hello hello;
  private final LeaderStreams streams;
  private final OwnerLoop loop;
  private final FrameBuffers buffers;
  private final Consumer<ByteBuffer> release;
  private final Runnable turn = this::turn;
  private final Runnable pushHighWatermarks = this::pushHighWatermarks;
  private final Runnable pushRounds = this::pushRounds;
  private final Map<TopicIdPartition, PushCursor> cursors = new HashMap<>();
  private final LastBatches lastBatches;
  private final RangeQuestions ranges;
  private final ArrayDeque<PushCursor> lacking = new ArrayDeque<>();
  private final ArrayDeque<PushCursor> toRead = new ArrayDeque<>();
  private final ArrayDeque<PushCursor> lackingHighWatermark = new ArrayDeque<>();
  private final ArrayDeque<PushCursor> lackingRound = new ArrayDeque<>();
  private long grantedBytes;
  private long sentBytes;
  private int reads;
  private boolean turnScheduled;
  private boolean closed;

  ReplicaSender(FollowerLink link, Hello hello, LeaderStreams streams) {
    this.link = link;
    this.hello = hello;
    this.streams = streams;
    this.loop = streams.loop();
    this.buffers = streams.buffers();
    this.release = buffers::release;
    this.lastBatches = new LastBatches(this, link, streams);
    this.ranges = new RangeQuestions(link, hello);
  }

  /** The follower broker. */
  public int followerId() {
    return hello.brokerId();
  }

  Hello hello() {
    return hello;
  }

  @Override
  public void onFollow(Follow follow) {
    heard();
    drop(follow.partition());
    Leadership leadership = streams.leadership(follow.partition());
    ErrorCode refusal = refusal(leadership, follow);
    if (refusal != ErrorCode.NONE) {
      link.refuse(follow.partition(), follow.leaderEpoch(), refusal);
      return;
    }
    answer(leadership, follow);
  }

  private void answer(Leadership leadership, Follow follow) {
    EpochEnd end = leadership.log().endOf(follow.lastEpoch());
    switch (leadership.judge(follow, end)) {
      case MATCHES -> {
        if (lastBatches.mustBeCompared(leadership, follow)) {
          lastBatches.compare(leadership, follow);
        } else {
          begin(leadership, follow);
        }
      }
      case DIVERGED ->
          link.diverged(follow.partition(), follow.leaderEpoch(), end.epoch(), end.endOffset());
      case RESET -> reset(leadership);
    }
  }

  /** FEN-1: another epoch is refused, without effect. */
  private ErrorCode refusal(Leadership leadership, Follow follow) {
    if (leadership == null) {
      return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    }
    if (follow.leaderEpoch() != leadership.leaderEpoch()) {
      return follow.leaderEpoch() < leadership.leaderEpoch()
          ? ErrorCode.FENCED_LEADER_EPOCH
          : ErrorCode.UNKNOWN_LEADER_EPOCH;
    }
    return leadership.state().progress(hello.brokerId()) == null
        ? ErrorCode.INELIGIBLE_REPLICA
        : ErrorCode.NONE;
  }

  /** What the follower holds is what is here: it follows from now on. */
  void begin(Leadership leadership, Follow follow) {
    PushCursor cursor = new PushCursor(this, leadership, follow);
    cursors.put(follow.partition(), cursor);
    // The first frame tells the follower that its log matches, even without records.
    pushOffsets(cursor);
    leadership.followed(cursor, hello.brokerEpoch(), follow, streams.nowMs());
    if (cursor.lacksRecords()) {
      wake(cursor);
    }
  }

  @Override
  public void onUnfollow(TopicIdPartition partition) {
    heard();
    drop(partition);
  }

  private void drop(TopicIdPartition partition) {
    lastBatches.drop(partition);
    PushCursor cursor = cursors.remove(partition);
    if (cursor != null) {
      cursor.leadership().unfollowed(cursor);
    }
  }

  @Override
  public void onAck(FollowerAck ack) {
    heard();
    PushCursor cursor = cursors.get(ack.partition());
    if (cursor == null || ack.leaderEpoch() != cursor.leadership().leaderEpoch()) {
      return;
    }
    if (ack.logEndOffset() > cursor.nextOffset()) {
      close(
          ErrorCode.INVALID_REQUEST,
          "acknowledged " + ack.logEndOffset() + ", pushed up to " + cursor.nextOffset());
      return;
    }
    cursor.leadership().acked(hello.brokerId(), ack, streams.nowMs());
  }

  @Override
  public void onHash(HashAnswer answer) {
    heard();
    ranges.answered(answer);
  }

  /** What the follower's broker is asked of ranges. */
  RangeQuestions ranges() {
    return ranges;
  }

  /**
   * What the follower holds below {@code endOffset} is not what others hold: it follows no more.
   */
  void differs(Leadership leadership, long endOffset, String what) {
    drop(leadership.partition());
    link.differs(leadership.partition(), leadership.leaderEpoch(), endOffset, what);
  }

  @Override
  public void onCredit(long cumulativeBytes) {
    heard();
    grantedBytes = Math.max(grantedBytes, cumulativeBytes);
    scheduleTurn();
  }

  private void heard() {
    streams.heard(hello.brokerId());
  }

  @Override
  public void onClosed(String text) {
    dropAll();
    streams.closed(this);
  }

  /** Closes the stream from this side. */
  void close(ErrorCode error, String text) {
    if (!closed) {
      dropAll();
      link.close(error, text);
      streams.closed(this);
    }
  }

  private void dropAll() {
    closed = true;
    lastBatches.dropAll();
    for (PushCursor cursor : List.copyOf(cursors.values())) {
      drop(cursor.leadership().partition());
    }
    lacking.clear();
    toRead.clear();
    lackingHighWatermark.clear();
    lackingRound.clear();
    ranges.closed(loop);
  }

  /** The epoch in which the follower follows is over. */
  void leadershipEnded(PushCursor cursor) {
    TopicIdPartition partition = cursor.leadership().partition();
    if (cursors.remove(partition, cursor)) {
      link.refuse(partition, cursor.leadership().leaderEpoch(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
  }

  /** There are records that the follower lacks. */
  void wake(PushCursor cursor) {
    if (cursor.enqueue()) {
      lacking.addLast(cursor);
      scheduleTurn();
    }
  }

  /** There is a high watermark that the follower lacks. */
  void wakeForHighWatermark(PushCursor cursor) {
    if (cursor.enqueueWatermark()) {
      if (lackingHighWatermark.isEmpty()) {
        loop.schedule(streams.highWatermarkDelayMs(), pushHighWatermarks);
      }
      lackingHighWatermark.addLast(cursor);
    }
  }

  private void pushHighWatermarks() {
    for (PushCursor cursor = lackingHighWatermark.pollFirst();
        cursor != null;
        cursor = lackingHighWatermark.pollFirst()) {
      cursor.watermarkDequeued();
      if (isCurrent(cursor) && cursor.lacksHighWatermark()) {
        pushOffsets(cursor);
      }
    }
  }

  /** The follower is to confirm that it still follows; records of the same turn carry that. */
  void wakeForRound(PushCursor cursor) {
    if (cursor.enqueueRound()) {
      if (lackingRound.isEmpty()) {
        loop.execute(pushRounds);
      }
      lackingRound.addLast(cursor);
    }
  }

  private void pushRounds() {
    for (PushCursor cursor = lackingRound.pollFirst();
        cursor != null;
        cursor = lackingRound.pollFirst()) {
      cursor.roundDequeued();
      if (isCurrent(cursor) && cursor.lacksRound()) {
        pushOffsets(cursor);
      }
    }
  }

  private void scheduleTurn() {
    if (!turnScheduled && !lacking.isEmpty()) {
      turnScheduled = true;
      loop.execute(turn);
    }
  }

  private void turn() {
    turnScheduled = false;
    long turnEndBytes = sentBytes + TURN_BYTES;
    while (!lacking.isEmpty() && sentBytes < Math.min(grantedBytes, turnEndBytes)) {
      PushCursor cursor = lacking.pollFirst();
      if (isCurrent(cursor)
          && cursor.lacksRecords()
          && (isHeldBack(cursor) || isRead(cursor) || pushRecords(cursor))) {
        if (!cursor.isHeldBack() && !cursor.isRead()) {
          lacking.addLast(cursor);
        }
      } else {
        cursor.dequeued();
      }
    }
    if (sentBytes < grantedBytes) {
      scheduleTurn();
    }
  }

  /** Replicas being added wait for their topic's share of the bandwidth, out of the others' way. */
  private boolean isHeldBack(PushCursor cursor) {
    long waitMs = streams.catchUp().waitMs(cursor.leadership().partition(), hello.brokerId());
    cursor.heldBack(waitMs > 0);
    if (waitMs > 0) {
      loop.schedule(waitMs, () -> resume(cursor));
    }
    return waitMs > 0;
  }

  private void resume(PushCursor cursor) {
    cursor.heldBack(false);
    cursor.dequeued();
    if (isCurrent(cursor) && cursor.lacksRecords()) {
      wake(cursor);
    }
  }

  private boolean isCurrent(PushCursor cursor) {
    return cursors.get(cursor.leadership().partition()) == cursor;
  }

  /**
   * Pushes the next frame, read here from the page cache: what is older than the active segment was
   * {@link #isRead} elsewhere.
   *
   * @return whether the follower lacks more
   */
  private boolean pushRecords(PushCursor cursor) {
    if (isBelowStart(cursor)) {
      return false;
    }
    long from = cursor.nextOffset();
    PartitionLog log = cursor.leadership().log();
    FrameRead read = FrameRead.of(log, from, log.logEndOffset(), buffers.take());
    if (read.neededBytes() > 0) {
      buffers.release(read.records());
      ByteBuffer oversized = buffers.takeOversized(read.neededBytes());
      read = FrameRead.of(log, from, log.logEndOffset(), oversized);
    }
    return push(cursor, read);
  }

  private boolean isBelowStart(PushCursor cursor) {
    if (cursor.nextOffset() >= cursor.leadership().log().logStartOffset()) {
      return false;
    }
    reset(cursor.leadership());
    return true;
  }

  /**
   * Whether the next frame may have to come from the disk. Then it is read by another thread, and
   * pushed when it is there.
   */
  private boolean isRead(PushCursor cursor) {
    PartitionLog log = cursor.leadership().log();
    long from = cursor.nextOffset();
    if (log.isHot(from) || from < log.logStartOffset()) {
      return false;
    }
    cursor.read(true);
    if (reads < MAX_READS) {
      reads++;
      read(cursor, from, log.logEndOffset(), buffers.take());
    } else {
      toRead.addLast(cursor);
    }
    return true;
  }

  private void read(PushCursor cursor, long from, long end, ByteBuffer into) {
    PartitionLog log = cursor.leadership().log();
    streams
        .io()
        .execute(
            () -> {
              FrameRead read = FrameRead.of(log, from, end, into);
              loop.execute(() -> wasRead(cursor, from, end, read));
            });
  }

  private void wasRead(PushCursor cursor, long from, long end, FrameRead read) {
    if (read.neededBytes() > 0 && isCurrent(cursor)) {
      buffers.release(read.records());
      read(cursor, from, end, buffers.takeOversized(read.neededBytes()));
      return;
    }
    reads--;
    cursor.read(false);
    for (PushCursor next = toRead.pollFirst(); next != null; next = toRead.pollFirst()) {
      next.read(false);
      lacking.addLast(next);
    }
    if (!isCurrent(cursor)) {
      buffers.release(read.records());
      cursor.dequeued();
    } else if (!isBelowStart(cursor) && push(cursor, read)) {
      lacking.addLast(cursor);
    } else {
      cursor.dequeued();
    }
    scheduleTurn();
  }

  /** Pushes what was read, and says whether the follower lacks more. */
  private boolean push(PushCursor cursor, FrameRead read) {
    Leadership leadership = cursor.leadership();
    if (read.failure() != null) {
      buffers.release(read.records());
      drop(leadership.partition());
      link.refuse(leadership.partition(), leadership.leaderEpoch(), read.failure().code());
      leadership.readFailed(read.failure());
      return false;
    }
    if (cursor.missesTombstones()) { // Asked after the read, which may have met cleaned segments.
      buffers.release(read.records());
      reset(leadership);
      return false;
    }
    read.records().flip();
    sentBytes += read.records().remaining();
    streams.catchUp().sent(leadership.partition(), hello.brokerId(), read.records().remaining());
    push(cursor, read.endOffset(), read.horizon(), read.records(), release);
    return cursor.lacksRecords();
  }

  private void reset(Leadership leadership) {
    drop(leadership.partition());
    link.reset(
        leadership.partition(),
        leadership.leaderEpoch(),
        leadership.log().logStartOffset(),
        leadership.log().tombstoneHorizon());
  }

  private void pushOffsets(PushCursor cursor) {
    long horizon = cursor.leadership().log().tombstoneHorizon();
    push(cursor, cursor.nextOffset(), horizon, NO_RECORDS, noRecords -> {});
  }

  private void push(
      PushCursor cursor,
      long endOffset,
      long tombstoneHorizon,
      ByteBuffer records,
      Consumer<ByteBuffer> whenDrained) {
    Leadership leadership = cursor.leadership();
    long highWatermark = leadership.log().highWatermark();
    PushFrame frame =
        new PushFrame(
            leadership.partition(),
            leadership.leaderEpoch(),
            cursor.nextOffset(),
            highWatermark,
            highWatermark,
            leadership.log().logStartOffset(),
            tombstoneHorizon,
            leadership.recency().send(),
            records);
    cursor.pushed(endOffset, frame);
    link.push(frame, whenDrained);
  }
}
