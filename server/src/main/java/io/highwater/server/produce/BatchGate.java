package io.highwater.server.produce;

import io.highwater.log.LogConfig;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchLayout;
import io.highwater.proto.record.BatchValidator;
import io.highwater.proto.record.ContentValidator;
import io.highwater.replication.OwnerLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Looks at clients' batches before they are appended (STO-3), on the owner loop. What inflates to
 * more than 64 KiB is inflated beside it, batch after batch, so that one client's batches keep no
 * other waiting longer than the processor is shared.
 */
public final class BatchGate {
  /** The most that the loop inflates at a time. */
  private static final int MAX_INLINE_BYTES = 64 * 1024;

  /** Ordinary records shrink to half at most: what is larger is not tried on the loop. */
  private static final int MAX_INLINE_COMPRESSED_BYTES = MAX_INLINE_BYTES / 2;

  private final OwnerLoop loop;
  private final Executor worker;
  private final BatchValidator validator = new BatchValidator();
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private final ContentValidator small = new ContentValidator(MAX_INLINE_BYTES);

  // The worker's own.
  private final UnsafeBuffer workerBuffer = new UnsafeBuffer(0, 0);
  private final ContentValidator large = new ContentValidator();

  /**
   * @param worker runs one task at a time, in their order; closed, it refuses them
   */
  public BatchGate(OwnerLoop loop, Executor worker) {
    this.loop = loop;
    this.worker = worker;
  }

  /**
   * Looks at a batch.
   *
   * @param records one batch between position and limit, backed by an array; left alone by others
   *     until {@code done}
   * @param rules of the log that it is for
   * @param done hears on the loop why it is refused, or null; before this returns, unless there is
   *     much to inflate
   */
  public void look(ByteBuffer records, LogConfig rules, Consumer<HighwaterException> done) {
    HighwaterException refusal = null;
    try {
      if (!isDecided(records, rules)) {
        boolean keysRequired = rules.compaction().enabled();
        worker.execute(() -> inflate(records, keysRequired, done));
        return;
      }
    } catch (HighwaterException e) {
      refusal = e;
    } catch (RejectedExecutionException e) {
      refusal = new HighwaterException(ErrorCode.BROKER_NOT_AVAILABLE, "the broker stops", e);
    }
    done.accept(refusal);
  }

  /** False when there is much to inflate. */
  private boolean isDecided(ByteBuffer records, LogConfig rules) {
    int size = records.remaining();
    boolean keysRequired = rules.compaction().enabled();
    wrap(buffer, records);
    if (!validator.validate(buffer, 0, size, rules.maxBatchBytes(), keysRequired)
        || !rules.looksIntoRecords()) {
      return true;
    }
    if (size - BatchLayout.HEADER_BYTES > MAX_INLINE_COMPRESSED_BYTES) {
      return false;
    }
    try {
      small.validate(buffer, 0, keysRequired);
      return true;
    } catch (HighwaterException e) {
      if (e.code() == ErrorCode.MESSAGE_TOO_LARGE) {
        return false;
      }
      throw e;
    }
  }

  private void inflate(
      ByteBuffer records, boolean keysRequired, Consumer<HighwaterException> done) {
    HighwaterException refusal = refusalOf(records, keysRequired);
    loop.execute(() -> done.accept(refusal));
  }

  private HighwaterException refusalOf(ByteBuffer records, boolean keysRequired) {
    try {
      wrap(workerBuffer, records);
      large.validate(workerBuffer, 0, keysRequired);
      return null;
    } catch (HighwaterException e) {
      return e;
    } catch (RuntimeException e) {
      return new HighwaterException(
          ErrorCode.UNKNOWN_SERVER_ERROR, "the batch could not be looked into: " + e, e);
    }
  }

  private static void wrap(UnsafeBuffer buffer, ByteBuffer records) {
    buffer.wrap(records.array(), records.arrayOffset() + records.position(), records.remaining());
  }
}
