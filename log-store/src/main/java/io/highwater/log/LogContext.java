package io.highwater.log;

import io.highwater.log.io.Storage;
import io.highwater.log.segment.OpenSegments;
import io.highwater.proto.TopicPartition;
import java.nio.file.Path;
import org.agrona.concurrent.EpochClock;

/**
 * Where a log lives and what it works with.
 *
 * @param partition whose log it is
 * @param directory of its files
 * @param storage the file system
 * @param config its settings
 * @param clock dates appends and counts ages; does not leap, see {@link SteadyClock}
 * @param wallClock what clients' timestamps are held against
 * @param health of the log directory around it
 * @param openSegments the budget of open sealed segments
 * @param checkpoints the log directory's checkpoint files
 */
public record LogContext(
    TopicPartition partition,
    Path directory,
    Storage storage,
    LogConfig config,
    EpochClock clock,
    EpochClock wallClock,
    DirectoryHealth health,
    OpenSegments openSegments,
    LogCheckpoints checkpoints) {}
