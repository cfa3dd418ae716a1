package io.highwater.replication.leader;

import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.PushFrame;

/** Where a leader is in pushing one partition to one follower. On the owner loop. */
final class PushCursor {
  private final ReplicaSender sender;
  private final Leadership leadership;
  private long nextOffset;
  private long tombstoneHorizon;
  private long sentHighWatermark = -1;
  private long sentLogStart = -1;
  private long sentRound;
  private boolean queued;
  private boolean watermarkQueued;
  private boolean heldBack;
  private boolean roundQueued;
  private boolean read;

  PushCursor(ReplicaSender sender, Leadership leadership, Follow follow) {
    this.sender = sender;
    this.leadership = leadership;
    this.nextOffset = follow.logEndOffset();
    this.tombstoneHorizon = follow.tombstoneHorizon();
  }

  ReplicaSender sender() {
    return sender;
  }

  Leadership leadership() {
    return leadership;
  }

  /** End of what was pushed. */
  long nextOffset() {
    return nextOffset;
  }

  /** CMP-6: whether the follower must begin anew rather than get what comes next. */
  boolean missesTombstones() {
    return leadership.missesTombstones(nextOffset, tombstoneHorizon);
  }

  boolean lacksRecords() {
    return nextOffset < leadership.log().logEndOffset();
  }

  /** Or a log start, which travels with it. */
  boolean lacksHighWatermark() {
    return sentHighWatermark < leadership.log().highWatermark()
        || sentLogStart < leadership.log().logStartOffset();
  }

  boolean lacksRound() {
    return sentRound < leadership.recency().newest();
  }

  void pushed(long endOffset, PushFrame frame) {
    if (nextOffset <= frame.logStartOffset()) {
      tombstoneHorizon = frame.tombstoneHorizon(); // The follower takes it over, with nothing yet.
    }
    nextOffset = endOffset;
    sentHighWatermark = frame.highWatermark();
    sentLogStart = frame.logStartOffset();
    sentRound = frame.recencyRound();
  }

  /** Marks it as queued for records; false when it was already. */
  boolean enqueue() {
    boolean first = !queued;
    queued = true;
    return first;
  }

  void dequeued() {
    queued = false;
  }

  /** Whether it waits for bandwidth; it counts as queued meanwhile. */
  boolean isHeldBack() {
    return heldBack;
  }

  void heldBack(boolean waits) {
    heldBack = waits;
  }

  /** Whether its next frame is read elsewhere, or waits for that; it counts as queued meanwhile. */
  boolean isRead() {
    return read;
  }

  void read(boolean isRead) {
    read = isRead;
  }

  /** Marks it as queued for its high watermark; false when it was already. */
  boolean enqueueWatermark() {
    boolean first = !watermarkQueued;
    watermarkQueued = true;
    return first;
  }

  void watermarkDequeued() {
    watermarkQueued = false;
  }

  /** Marks it as queued for a round of recency; false when it was already. */
  boolean enqueueRound() {
    boolean first = !roundQueued;
    roundQueued = true;
    return first;
  }

  void roundDequeued() {
    roundQueued = false;
  }
}
