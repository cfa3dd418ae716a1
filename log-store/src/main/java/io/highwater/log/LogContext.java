package io.highwater.log;

import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogFiles;
import io.highwater.log.segment.OpenSegments;
import io.highwater.log.segment.Segment;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.EpochClock;

/**
 * Where a log lives and what it works with.
 *
 * @param partition whose log it is
 * @param topicId of its topic
 * @param directory of its files
 * @param storage the file system
 * @param settings its settings, which may change while it is open
 * @param clock dates appends and counts ages; does not leap, see {@link SteadyClock}
 * @param wallClock what clients' timestamps are held against
 * @param health of the log directory around it
 * @param openSegments the budget of open sealed segments
 * @param checkpoints the log directory's checkpoint files
 */
public record LogContext(
    TopicPartition partition,
    UUID topicId,
    Path directory,
    Storage storage,
    AtomicReference<LogConfig> settings,
    EpochClock clock,
    EpochClock wallClock,
    DirectoryHealth health,
    OpenSegments openSegments,
    LogCheckpoints checkpoints) {

  /** With settings that are in force from the beginning. */
  public LogContext(
      TopicPartition partition,
      UUID topicId,
      Path directory,
      Storage storage,
      LogConfig config,
      EpochClock clock,
      EpochClock wallClock,
      DirectoryHealth health,
      OpenSegments openSegments,
      LogCheckpoints checkpoints) {
    this(
        partition,
        topicId,
        directory,
        storage,
        new AtomicReference<>(config),
        clock,
        wallClock,
        health,
        openSegments,
        checkpoints);
  }

  /** Whose files they are (STO-11). */
  public TopicIdPartition owner() {
    return new TopicIdPartition(topicId, partition.partition());
  }

  /** Where its files are, and whose. */
  public LogFiles files() {
    return new LogFiles(storage, directory, owner());
  }

  /** The settings in force now; any thread. */
  public LogConfig config() {
    return settings.get();
  }

  /** STO-10: damage is named, and never a byte of it served; KAFKA_STORAGE_ERROR. */
  public HighwaterException damaged(Segment segment, int position, String what) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        partition
            + " is damaged in segment "
            + segment.baseOffset()
            + " at position "
            + position
            + ": "
            + what);
  }
}
