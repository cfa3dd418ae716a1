package io.highwater.log;

import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.checkpoint.OffsetCheckpoint;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.Storage;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.recover.LastStop;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The offset checkpoints of a log directory: what they said at the start, what is to be written
 * next. Serialised by its own monitor; any thread.
 */
final class DirectoryCheckpoints implements LogCheckpoints {
  private record Offsets(long recoveryPoint, long highWatermark, long logStart) {}

  private final Storage storage;
  private final Path directory;
  private final UUID directoryId;
  private final Map<TopicPartition, Long> startsOnDisk = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Offsets> offsets = new TreeMap<>(DirectoryCheckpoints::order);

  private final Map<TopicPartition, Long> cleaned = new TreeMap<>(DirectoryCheckpoints::order);

  private DirectoryCheckpoints(Storage storage, Path directory, UUID directoryId) {
    this.storage = storage;
    this.directory = directory;
    this.directoryId = directoryId;
  }

  private static int order(TopicPartition one, TopicPartition other) {
    int byTopic = one.topic().compareTo(other.topic());
    return byTopic != 0 ? byTopic : Integer.compare(one.partition(), other.partition());
  }

  /** Reads the files; what does not read counts as unknown, which means from the log's start. */
  static DirectoryCheckpoints load(Storage storage, Path directory, UUID directoryId)
      throws IOException {
    DirectoryCheckpoints loaded = new DirectoryCheckpoints(storage, directory, directoryId);
    Map<TopicPartition, Long> recoveryPoints = loaded.read(OffsetCheckpoint.RECOVERY_POINTS);
    Map<TopicPartition, Long> highWatermarks = loaded.read(OffsetCheckpoint.HIGH_WATERMARKS);
    Map<TopicPartition, Long> logStarts = loaded.read(OffsetCheckpoint.LOG_STARTS);
    loaded.startsOnDisk.putAll(logStarts);
    loaded.cleaned.putAll(loaded.read(OffsetCheckpoint.CLEANED));
    Map<TopicPartition, Long> all = new LinkedHashMap<>(recoveryPoints);
    all.putAll(highWatermarks);
    all.putAll(logStarts);
    for (TopicPartition partition : all.keySet()) {
      loaded.offsets.put(
          partition,
          new Offsets(
              recoveryPoints.getOrDefault(partition, 0L),
              highWatermarks.getOrDefault(partition, 0L),
              logStarts.getOrDefault(partition, 0L)));
    }
    return loaded;
  }

  private Map<TopicPartition, Long> read(String name) throws IOException {
    return OffsetCheckpoint.read(storage, directory.resolve(name), directoryId).orElse(Map.of());
  }

  /** What is known of a partition; of one that no clean stop wrote down nothing is clean. */
  synchronized LastKnown lastKnown(TopicPartition partition, LastStop stop) {
    Offsets known = offsets.get(partition);
    if (known == null) {
      return stop == LastStop.CLEAN ? LastKnown.NOTHING : new LastKnown(stop, 0, 0, 0);
    }
    return new LastKnown(stop, known.recoveryPoint, known.highWatermark, known.logStart);
  }

  /** Whether they speak of no partition. */
  synchronized boolean isEmpty() {
    return offsets.isEmpty();
  }

  /** Whether a partition had anything when it was last written down. */
  synchronized boolean hadRecords(TopicPartition partition) {
    Offsets known = offsets.get(partition);
    return known != null && (known.recoveryPoint > 0 || known.highWatermark > 0);
  }

  /** The high watermark of a partition, and the epoch that the log in a directory has before it. */
  EpochEnd highWatermark(TopicPartition partition, Path logDirectory) {
    long highWatermark = lastKnown(partition, LastStop.UNKNOWN).highWatermark();
    Optional<EpochHistory> epochs = Optional.empty();
    try {
      Optional<PartitionMetadata> metadata =
          PartitionMetadata.read(storage, logDirectory)
              .filter(found -> partition.equals(found.partition().orElse(partition)));
      if (metadata.isPresent()) {
        TopicIdPartition owner =
            new TopicIdPartition(metadata.get().topicId(), partition.partition());
        epochs = EpochCheckpoint.read(storage, logDirectory, owner);
      }
    } catch (IOException e) {
      epochs = Optional.empty(); // Unreadable means unknown (STO-9).
    }
    int epoch = epochs.map(history -> history.epochAt(highWatermark - 1)).orElse(EpochEnd.NONE);
    return new EpochEnd(epoch, highWatermark);
  }

  /**
   * Takes note of where the logs are and writes the files. The logs are looked at under the monitor
   * that {@link #cutTo} takes after a cut was shown, so no file claims what a cut took away.
   */
  synchronized void write(Map<TopicPartition, PartitionLog> logs) throws IOException {
    logs.forEach(
        (partition, log) -> {
          LogOffsets now = log.offsets();
          offsets.put(partition, new Offsets(now.flushed(), now.highWatermark(), now.start()));
        });
    write();
  }

  /**
   * Forgets partitions, writing each file once at most; durable on return. After a failure it can
   * be tried again.
   */
  synchronized void forget(Collection<TopicPartition> partitions) throws IOException {
    forget(partitions, offsets, this::write);
    forget(partitions, cleaned, () -> write(OffsetCheckpoint.CLEANED, cleaned));
  }

  /** Writes to disk. */
  private interface Writing {
    void run() throws IOException;
  }

  private static <T> void forget(
      Collection<TopicPartition> partitions, Map<TopicPartition, T> from, Writing writing)
      throws IOException {
    Map<TopicPartition, T> forgotten = new LinkedHashMap<>();
    for (TopicPartition partition : partitions) {
      T known = from.remove(partition);
      if (known != null) {
        forgotten.put(partition, known);
      }
    }
    if (forgotten.isEmpty()) {
      return;
    }
    try {
      writing.run();
    } catch (IOException e) {
      from.putAll(forgotten); // As they are in the files.
      throw e;
    }
  }

  @Override
  public long logStart(TopicPartition partition) {
    return startsOnDisk.getOrDefault(partition, 0L);
  }

  @Override
  public synchronized void cutTo(TopicPartition partition, long endOffset) throws IOException {
    uncleanAbove(partition, endOffset);
    Offsets known = offsets.get(partition);
    if (known != null && (known.recoveryPoint > endOffset || known.highWatermark > endOffset)) {
      offsets.put(
          partition,
          new Offsets(
              Math.min(known.recoveryPoint, endOffset),
              Math.min(known.highWatermark, endOffset),
              known.logStart));
      write();
    }
  }

  @Override
  public synchronized long cleanedTo(TopicPartition partition) {
    return cleaned.getOrDefault(partition, 0L);
  }

  @Override
  public synchronized void cleanedTo(TopicPartition partition, long offset) throws IOException {
    cleaned.put(partition, offset);
    write(OffsetCheckpoint.CLEANED, cleaned);
  }

  private void uncleanAbove(TopicPartition partition, long endOffset) throws IOException {
    if (cleaned.getOrDefault(partition, 0L) > endOffset) {
      cleaned.put(partition, endOffset);
      cleaned.remove(partition, 0L);
      write(OffsetCheckpoint.CLEANED, cleaned);
    }
  }

  @Override
  public synchronized void resetTo(TopicPartition partition, long offset) throws IOException {
    uncleanAbove(partition, 0);
    offsets.put(partition, new Offsets(offset, offset, offset));
    write();
  }

  /**
   * Writes all files. The order keeps every crash point sound: a log start is on disk before a
   * recovery point that relies on it, a high watermark decides nothing.
   */
  private void write() throws IOException {
    Map<TopicPartition, Long> recoveryPoints = new LinkedHashMap<>();
    Map<TopicPartition, Long> highWatermarks = new LinkedHashMap<>();
    Map<TopicPartition, Long> logStarts = new LinkedHashMap<>();
    offsets.forEach(
        (partition, now) -> {
          recoveryPoints.put(partition, now.recoveryPoint);
          highWatermarks.put(partition, now.highWatermark);
          if (now.logStart > 0) {
            logStarts.put(partition, now.logStart);
          }
        });
    write(OffsetCheckpoint.LOG_STARTS, logStarts);
    startsOnDisk.keySet().retainAll(logStarts.keySet());
    startsOnDisk.putAll(logStarts);
    write(OffsetCheckpoint.RECOVERY_POINTS, recoveryPoints);
    write(OffsetCheckpoint.HIGH_WATERMARKS, highWatermarks);
  }

  private void write(String name, Map<TopicPartition, Long> values) throws IOException {
    OffsetCheckpoint.write(storage, directory.resolve(name), directoryId, values);
  }
}
