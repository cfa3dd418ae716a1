package io.highwater.log.embed;

import io.highwater.log.AppendResult;
import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.agrona.concurrent.EpochClock;

/**
 * A log in a directory that it has to itself: {@link PartitionLog} without a broker. What is
 * appended is committed at once, since nobody replicates it; it survives a power loss once {@link
 * PartitionLog#flush} or {@link #close} returned.
 *
 * <p>One thread appends and closes; any thread reads, slices and checkpoints.
 */
public final class EmbeddedLog implements AutoCloseable {
  private static final TopicPartition PARTITION = new TopicPartition("log", 0);

  /** It is nobody's topic and no cluster's directory. */
  private static final UUID ID = new UUID(0, 1);

  private static final int NODE_ID = 0;
  private static final long BROKER_EPOCH = 0;
  private static final int LEADER_EPOCH = 0;

  private final LogDirectory directory;
  private final PartitionLog log;

  private EmbeddedLog(LogDirectory directory, PartitionLog log) {
    this.directory = directory;
    this.log = log;
  }

  /** Opens a log with Kafka's default settings, see {@link #open(Path, EpochClock, LogConfig)}. */
  public static EmbeddedLog open(Path directory, EpochClock clock) {
    return open(directory, clock, LogConfig.DEFAULT);
  }

  /**
   * Opens the log in {@code directory}, or creates both; after a crash it recovers, which reads
   * what was appended since the last {@link #checkpoint}.
   *
   * @param clock wall clock in ms since 1970, {@code System::currentTimeMillis}
   * @throws HighwaterException KAFKA_STORAGE_ERROR when another process has it open, when it is
   *     damaged below its last checkpoint, or when the files cannot be read; STORAGE_FULL
   */
  public static EmbeddedLog open(Path directory, EpochClock clock, LogConfig config) {
    LogDirectory opened = LogDirectory.open(directory, new FileStorage(), clock, NODE_ID, () -> ID);
    try {
      return new EmbeddedLog(opened, opened.openOrCreate(PARTITION, ID, config));
    } catch (HighwaterException e) {
      opened.close();
      throw e;
    }
  }

  /** The log: reads, offsets, {@link PartitionLog#flush}, and all else. */
  public PartitionLog log() {
    return log;
  }

  /**
   * Appends one batch and commits it, see {@link PartitionLog#appendAsLeader}.
   *
   * @param batch from position to limit, backed by an array; consumed
   */
  public AppendResult append(ByteBuffer batch) {
    AppendResult result = log.appendAsLeader(batch, Math.max(LEADER_EPOCH, log.lastEpoch()));
    log.advanceHighWatermark(log.logEndOffset());
    return result;
  }

  /**
   * Makes the segments that are not written any more survive a power loss and remembers that they
   * need not be checked again. Waits for the disk; worth a call every few minutes.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  public void checkpoint() {
    directory.checkpoint();
  }

  /**
   * Flushes and closes; the next opening has nothing to recover.
   *
   * @throws HighwaterException STORAGE_FULL or KAFKA_STORAGE_ERROR; it is closed all the same
   */
  @Override
  public void close() {
    directory.closeCleanly(BROKER_EPOCH);
  }
}
