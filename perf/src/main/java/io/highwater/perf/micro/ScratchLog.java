package io.highwater.perf.micro;

import io.highwater.log.LogConfig;
import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionLog;
import io.highwater.log.io.FileStorage;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchStamper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.agrona.concurrent.UnsafeBuffer;

/** A partition's log in a directory of its own, which goes when it is closed. */
final class ScratchLog implements AutoCloseable {
  /** How far it may grow: larger than the processor's caches, small enough to stay in memory. */
  static final long MAX_BYTES = 64 << 20;

  static final int LEADER_EPOCH = 3;

  private final FileStorage storage = new FileStorage();
  private final Path root;
  private final LogDirectory directory;
  private final PartitionLog log;
  private long appendedBytes;

  ScratchLog() throws IOException {
    root = Files.createTempDirectory("highwater-micro");
    UUID id = new UUID(1, 2);
    directory =
        LogDirectory.open(root, storage, () -> SampleBatches.BASE_TIMESTAMP_MS, 1, () -> id);
    log = directory.openOrCreate(new TopicPartition("scratch", 0), id, LogConfig.DEFAULT);
  }

  PartitionLog log() {
    return log;
  }

  /** Empties the log when {@code bytes} more would be too much for it. */
  void makeRoom(int bytes) {
    if (appendedBytes + bytes > MAX_BYTES) {
      log.resetTo(0);
      appendedBytes = 0;
    }
    appendedBytes += bytes;
  }

  /** Stamps a batch as this log's next one, as a leader would have. */
  void stampNext(ByteBuffer batch) {
    BatchStamper.stamp(new UnsafeBuffer(batch), 0, log.logEndOffset(), LEADER_EPOCH);
  }

  /** Appends copies of a batch until the log has {@code bytes}. */
  void fill(ByteBuffer batch, int bytes) {
    for (int size = 0; size + batch.limit() <= bytes; size += batch.limit()) {
      makeRoom(batch.limit());
      log.appendAsLeader(batch.position(0), LEADER_EPOCH);
    }
    log.advanceHighWatermark(log.logEndOffset());
  }

  @Override
  public void close() throws IOException {
    directory.close();
    storage.deleteTree(root);
  }
}
