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
 * more than 64 KiB is inflated beside it, step by step and the clients in turn, so that one
 * client's batches hold up no other's. What waits is bounded, by client and in all (INP-1).
 */
public final class BatchGate {
  /** The most that the loop inflates at a time. */
  private static final int MAX_INLINE_BYTES = 64 * 1024;

  /** Ordinary records shrink to half at most: what is larger is not tried on the loop. */
  private static final int MAX_INLINE_COMPRESSED_BYTES = MAX_INLINE_BYTES / 2;

  private final OwnerLoop loop;
  private final ValidationTurns turns;
  private final WaitingBatches waiting;
  private final BatchValidator validator = new BatchValidator();
  private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
  private final ContentValidator small = new ContentValidator(MAX_INLINE_BYTES);

  /**
   * @param worker runs one task at a time; closed, it refuses them
   * @param maxWaitingBytes of batches that wait, in all; one client has an eighth
   */
  public BatchGate(OwnerLoop loop, Executor worker, long maxWaitingBytes) {
    this.loop = loop;
    this.turns = new ValidationTurns(worker);
    this.waiting = new WaitingBatches(maxWaitingBytes);
  }

  /** What waits here and behind what waits here. */
  WaitingBatches waiting() {
    return waiting;
  }

  /**
   * Looks at a batch.
   *
   * @param client whose turn it takes when there is much to inflate
   * @param records one batch between position and limit, backed by an array; left alone by others
   *     until {@code done}
   * @param rules of the log that it is for
   * @param done hears on the loop why it is refused, or null; before this returns, unless there is
   *     much to inflate
   */
  public void look(
      Object client, ByteBuffer records, LogConfig rules, Consumer<HighwaterException> done) {
    HighwaterException refusal = null;
    try {
      if (!isDecided(records, rules)) {
        wait(client, records, rules, done);
        return;
      }
    } catch (HighwaterException e) {
      refusal = e;
    }
    done.accept(refusal);
  }

  private void wait(
      Object client, ByteBuffer records, LogConfig rules, Consumer<HighwaterException> done) {
    int bytes = records.remaining();
    waiting.take(client, bytes);
    try {
      turns.add(
          client,
          records,
          rules.compaction().enabled(),
          refusal ->
              loop.execute(
                  () -> {
                    waiting.giveBack(client, bytes);
                    done.accept(refusal);
                  }));
    } catch (RejectedExecutionException e) {
      waiting.giveBack(client, bytes);
      throw new HighwaterException(ErrorCode.BROKER_NOT_AVAILABLE, "the broker stops", e);
    }
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

  private static void wrap(UnsafeBuffer buffer, ByteBuffer records) {
    buffer.wrap(records.array(), records.arrayOffset() + records.position(), records.remaining());
  }
}
