package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.v1.SubscribedRecord;
import io.highwater.replication.LogStatus;
import io.highwater.replication.OwnerLoop;
import io.highwater.server.fetch.PartitionReader;
import io.highwater.server.fetch.ReaderMemory;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Hands stored batches out to one subscriber, a frame at a time: no further than its credit, the
 * transport and the memory for readers go. What is compressed is inflated on the decoders' threads.
 * Batches that cannot go on for a while are given up, to be read again. On the owner loop.
 */
final class RecordDelivery {
  /** Of one frame, unless one record is larger. */
  private static final int FRAME_BYTES = StoredChunk.STEP_BYTES;

  /** Of one read, unless one batch is larger. */
  private static final int READ_BYTES = 64 << 10;

  private static final long PATIENCE_MS = 1_000;

  private final PartitionReader reader;
  private final Executor decoders;
  private final OwnerLoop loop;
  private final ServerCallStreamObserver<?> client;
  private final SubscribeCredit credit;
  private final Outbox outbox;
  private final Events events;

  private StoredChunk chunk;
  private TopicIdPartition id;
  private LogStatus status;
  private boolean reading;
  private boolean stepping;
  private boolean abandoned;
  private boolean told;
  private boolean watched;
  private long progress;

  /** Held for the chunk, and for the next frame. */
  private long chunkBytes;

  private int frameBytes;

  /** The next frame's least where that is known from a record that did not fit. */
  private final Map<TopicIdPartition, Integer> largeFrames = new HashMap<>();

  /** What the next record costs, where batches were given up before it. */
  private int nextCost = 1;

  private boolean over;

  /** What becomes of the batches. */
  interface Events {
    /**
     * A frame's records.
     *
     * @return bytes of the message that was sent
     */
    int onRecords(TopicIdPartition id, List<SubscribedRecord> records, LogStatus status);

    /** The record at an offset waits for a cumulative grant of so many bytes. */
    void onCreditNeeded(TopicIdPartition id, long offset, long bytes);

    /**
     * What stands from one offset to before another cannot be handed out.
     *
     * @return whether to go on behind it; if not, the delivery has been closed or abandoned
     */
    boolean onUnreadable(TopicIdPartition id, long from, long to, HighwaterException failure);

    /** Batches were given up; from this offset on they are to be read again. */
    void onRewound(TopicIdPartition id, long offset);

    /** The next batches may be read. */
    void onIdle();
  }

  /** A delivery within the memory that a call may have. */
  RecordDelivery(
      PartitionReader reader,
      Executor decoders,
      OwnerLoop loop,
      ServerCallStreamObserver<?> client,
      ReaderMemory.Call call,
      SubscribeCredit credit,
      Events events) {
    this.reader = reader;
    this.decoders = decoders;
    this.loop = loop;
    this.client = client;
    this.credit = credit;
    this.events = events;
    this.outbox = new Outbox(client, call, this::goOn);
  }

  /** Whether the next batches may be read. */
  boolean takesBatches() {
    return isIdle()
        && outbox.takesRecords()
        && credit.recordsLeft() > 0
        && credit.bytesLeft() >= nextCost;
  }

  /** Whether everything that was read has been sent and written. */
  boolean isWritten() {
    return isIdle() && outbox.isEmpty();
  }

  /** Whether everything that was read has been sent, and a small message may follow. */
  boolean takesSignals() {
    return isIdle() && outbox.takesSignals();
  }

  private boolean isIdle() {
    return chunk == null && !reading && !over;
  }

  /** A message without records goes to the transport. */
  void signalling() {
    outbox.signalling();
  }

  /** As {@link io.highwater.server.fetch.FetchSink#reserve}: for the batches and a frame. */
  int reserve(TopicIdPartition of, int leastBytes) {
    int most = Math.max(leastBytes, READ_BYTES);
    int nextFrameBytes = largeFrames.getOrDefault(of, FRAME_BYTES);
    int reserved = outbox.reserve(leastBytes + nextFrameBytes, most + nextFrameBytes);
    if (reserved == 0) {
      return 0;
    }
    reading = true;
    frameBytes = nextFrameBytes;
    chunkBytes = (long) reserved - frameBytes;
    return (int) chunkBytes;
  }

  /** The read ended with less than was reserved, or nothing. */
  void unreserve(int bytes) {
    reading = false;
    chunkBytes -= bytes;
    outbox.unreserve(bytes);
    if (chunkBytes == 0) {
      releaseFrame();
      closeOutbox();
    }
  }

  /** Hands these out, from {@code fromOffset} on. */
  void begin(TopicIdPartition of, long fromOffset, ByteBuffer records, LogStatus logStatus) {
    id = of;
    status = logStatus;
    chunk = new StoredChunk(records, fromOffset, outbox.maxReserve() / 2);
    settle();
    nextCost = 1;
    progress++;
    goOnSoon();
  }

  /** The credit grew. */
  void granted() {
    told = false;
    goOn();
  }

  private void goOnSoon() {
    loop.executeAfterIo(this::goOn);
  }

  private void goOn() {
    if (over || stepping) {
      return;
    }
    if (chunk == null) {
      events.onIdle();
      return;
    }
    if (!client.isReady() || !mayStep()) {
      watch();
      return;
    }
    int wanted = Math.max(FRAME_BYTES, chunk.pendingBytes());
    if (frameBytes < wanted) {
      if (!outbox.reserveMore(wanted - frameBytes)) {
        // What waits for memory holds none.
        giveUp();
        return;
      }
      frameBytes = wanted;
    }
    step();
  }

  private boolean mayStep() {
    if (credit.recordsLeft() <= 0) {
      return false;
    }
    boolean does = credit.bytesLeft() >= chunk.pendingCost();
    if (!does && chunk.pendingBytes() > 0 && !told) {
      told = true;
      events.onCreditNeeded(id, chunk.nextOffset(), credit.toAllow(chunk.pendingCost()));
    }
    return does;
  }

  private void step() {
    progress++;
    stepping = true;
    StoredChunk stepped = chunk;
    StoredChunk.Limits limits =
        new StoredChunk.Limits(credit.recordsLeft(), credit.bytesLeft(), frameBytes);
    if (stepped.isCompressed()) {
      decoders.execute(
          () -> {
            StoredChunk.Step step = stepped.step(limits);
            loop.execute(() -> onStep(step));
          });
    } else {
      onStep(stepped.step(limits));
    }
  }

  private void onStep(StoredChunk.Step step) {
    stepping = false;
    if (over || abandoned) {
      abandoned = false;
      release();
      goOn();
      return;
    }
    if (!step.records().isEmpty()) {
      credit.spend(step.records().size(), step.cost());
      send(step.records());
    }
    settle();
    switch (step.stop()) {
      case DRAINED -> {
        release();
        events.onIdle();
      }
      case MORE, FULL -> goOnSoon();
      case UNREADABLE -> {
        if (events.onUnreadable(id, step.unreadableFrom(), step.unreadableTo(), step.failure())) {
          goOnSoon();
        }
      }
    }
  }

  private void send(List<SubscribedRecord> records) {
    int bytes = events.onRecords(id, records, status);
    outbox.hold(bytes - frameBytes);
    frameBytes = 0;
    largeFrames.remove(id);
    outbox.sending(bytes);
  }

  /** What the chunk holds by now, which only the step could tell. */
  private void settle() {
    long held = chunk.heldBytes();
    outbox.hold(held - chunkBytes);
    chunkBytes = held;
  }

  /** Gives up what made no progress for a while: it may have to wait for long. */
  private void watch() {
    if (!watched) {
      watched = true;
      long seen = progress;
      loop.schedule(
          PATIENCE_MS,
          () -> {
            watched = false;
            if (over || chunk == null || stepping) {
              return;
            }
            if (progress == seen) {
              giveUp();
            } else {
              watch();
            }
          });
    }
  }

  private void giveUp() {
    TopicIdPartition of = id;
    long offset = chunk.nextOffset();
    if (chunk.pendingBytes() > FRAME_BYTES) {
      largeFrames.put(of, chunk.pendingBytes());
    }
    nextCost = chunk.pendingCost();
    release();
    events.onRewound(of, offset);
  }

  /**
   * The partition has left: its batches are not handed out any more.
   *
   * @return the first offset that was not handed out, or {@code nextOffset} when it had no batches
   *     here
   */
  long abandon(TopicIdPartition of, long nextOffset) {
    largeFrames.remove(of);
    if (chunk == null || !of.equals(id)) {
      return nextOffset;
    }
    long offset = chunk.nextOffset();
    if (stepping) {
      abandoned = true;
    } else {
      release();
    }
    return offset;
  }

  private void release() {
    reader.release(chunk.records());
    chunk.close();
    chunk = null;
    outbox.unreserve(chunkBytes);
    chunkBytes = 0;
    releaseFrame();
    closeOutbox();
  }

  private void releaseFrame() {
    outbox.unreserve(frameBytes);
    frameBytes = 0;
  }

  /** Ends; a read or step under way keeps its memory until it returns. */
  void close() {
    over = true;
    if (chunk != null && !stepping) {
      release();
    }
    closeOutbox();
  }

  private void closeOutbox() {
    if (over && chunk == null && !reading) {
      outbox.close();
    }
  }
}
