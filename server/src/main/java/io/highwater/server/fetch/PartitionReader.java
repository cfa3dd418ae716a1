package io.highwater.server.fetch;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.replication.OwnerLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/**
 * Reads committed batches of one partition (REP-6): at once where they are expected in the page
 * cache, on the I/O pool where they are not, so that a consumer of old records does not hold up
 * everybody else. On the owner loop.
 */
public final class PartitionReader {
  private final ReadBuffers buffers;
  private final Executor ioPool;
  private final OwnerLoop loop;

  /** Reads into these buffers. */
  public PartitionReader(ReadBuffers buffers, Executor ioPool, OwnerLoop loop) {
    this.buffers = buffers;
    this.ioPool = ioPool;
    this.loop = loop;
  }

  /** Hears how a read ended, on the owner loop, possibly before the read returned. */
  public interface Listener {
    /**
     * Whole batches came, the first of which may begin below the offset asked for.
     *
     * @param records between position and limit, never empty; the listener's now, to be given back
     *     by {@link #release}
     * @param nextOffset where the next read goes on
     */
    void onRead(ByteBuffer records, long nextOffset);

    /**
     * There was no batch to read below the ceiling.
     *
     * @param nextOffset where the next read goes on: past the offset asked for when what was there
     *     was compacted away
     */
    void onNothing(long nextOffset);

    /** The read failed. */
    void onFailed(HighwaterException failure);
  }

  /**
   * Reads from {@code offset} up to the high watermark of this moment.
   *
   * @param maxBytes of the answer; a first batch that is larger comes all the same
   */
  public void read(PartitionLog log, long offset, int maxBytes, Listener listener) {
    long ceilingOffset = log.highWatermark();
    int bytes = Math.max(BatchLayout.HEADER_BYTES, Math.min(maxBytes, buffers.bufferBytes()));
    ByteBuffer into = buffers.take(bytes).limit(bytes);
    if (log.isHot(offset)) {
      tell(fill(log, offset, ceilingOffset, into), listener);
    } else {
      ioPool.execute(
          () -> {
            Outcome outcome = fill(log, offset, ceilingOffset, into);
            loop.execute(() -> tell(outcome, listener));
          });
    }
  }

  /** Gives back what a read brought. */
  public void release(ByteBuffer records) {
    buffers.release(records);
  }

  private Outcome fill(PartitionLog log, long offset, long ceilingOffset, ByteBuffer pooled) {
    try {
      ReadResult result = log.read(offset, ceilingOffset, pooled);
      if (result.neededBytes() > 0) {
        ByteBuffer large = ByteBuffer.allocate(result.neededBytes());
        return new Outcome(pooled, large, log.read(offset, ceilingOffset, large), null);
      }
      return new Outcome(pooled, null, result, null);
    } catch (HighwaterException e) {
      return new Outcome(pooled, null, null, e);
    }
  }

  private void tell(Outcome outcome, Listener listener) {
    ByteBuffer records = outcome.large() == null ? outcome.pooled() : outcome.large();
    boolean isEmpty = outcome.result() == null || outcome.result().isEmpty();
    if (isEmpty || outcome.large() != null) {
      buffers.release(outcome.pooled());
    }
    if (outcome.failure() != null) {
      listener.onFailed(outcome.failure());
    } else if (isEmpty) {
      listener.onNothing(outcome.result().endOffset());
    } else {
      listener.onRead(records.flip(), outcome.result().endOffset());
    }
  }

  /**
   * How a read ended.
   *
   * @param pooled the pool's buffer
   * @param large read into instead when one batch was too large for that, else null
   * @param result null on failure
   */
  private record Outcome(
      ByteBuffer pooled, ByteBuffer large, ReadResult result, HighwaterException failure) {}
}
