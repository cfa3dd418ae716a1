package io.highwater.server.fetch;

import io.highwater.log.PartitionLog;
import io.highwater.log.read.ReadResult;
import io.highwater.proto.HighwaterException;
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

    /**
     * The first batch is larger than the read was.
     *
     * @param neededBytes of that batch
     */
    void onTooSmall(int neededBytes);

    /** The read failed. */
    void onFailed(HighwaterException failure);
  }

  /** Bytes that one read brings unless a batch is larger. */
  public int usualBytes() {
    return buffers.bufferBytes();
  }

  /**
   * Reads from {@code offset} up to the high watermark of this moment.
   *
   * @param maxBytes of the answer, at least a batch's header
   */
  public void read(PartitionLog log, long offset, int maxBytes, Listener listener) {
    long ceilingOffset = log.highWatermark();
    ByteBuffer into = buffers.take(maxBytes).limit(maxBytes);
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

  private static Outcome fill(PartitionLog log, long offset, long ceilingOffset, ByteBuffer into) {
    try {
      return new Outcome(into, log.read(offset, ceilingOffset, into), null);
    } catch (HighwaterException e) {
      return new Outcome(into, null, e);
    }
  }

  private void tell(Outcome outcome, Listener listener) {
    ReadResult result = outcome.result();
    if (result != null && !result.isEmpty()) {
      listener.onRead(outcome.buffer().flip(), result.endOffset());
      return;
    }
    buffers.release(outcome.buffer());
    if (result == null) {
      listener.onFailed(outcome.failure());
    } else if (result.neededBytes() > 0) {
      listener.onTooSmall(result.neededBytes());
    } else {
      listener.onNothing(result.endOffset());
    }
  }

  /**
   * How a read ended.
   *
   * @param result null on failure
   */
  private record Outcome(ByteBuffer buffer, ReadResult result, HighwaterException failure) {}
}
