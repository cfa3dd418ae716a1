package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentWriter;
import java.io.IOException;
import java.util.List;

/** Begins a log where there is none: nothing is there to be recovered, or looked for. */
final class NewLog {
  private static final List<String> WITHOUT_LOG = List.of(PartitionMetadata.FILE_NAME);

  private NewLog() {}

  /**
   * Whether there are no files but the one that says whose they are, and none are missed.
   *
   * @param names of the files in the partition's directory
   */
  static boolean isDue(LastKnown known, List<String> names) {
    return known.recoveryPoint() == 0
        && known.highWatermark() == 0
        && known.logStart() == 0
        && WITHOUT_LOG.containsAll(names);
  }

  /** An empty log that begins at offset 0; its first segment's name is durable on return. */
  static OpenedLog create(LogContext context) throws IOException {
    long nowMs = context.clock().time();
    SegmentWriter tail =
        SegmentWriter.create(
            context.files(),
            0,
            context.config().indexIntervalBytes(),
            context.openSegments(),
            nowMs);
    tail.rest(); // Before what may fail.
    context.storage().syncDirectory(context.directory());
    ProducerStates producers = new ProducerStates(context.config().producerExpirationMs());
    producers.openedAt(nowMs);
    LogView view =
        new LogView(
            new LogOffsets(0, 0, 0, 0, producers.firstUndecided(0)),
            new SegmentList(List.of(tail.segment())),
            EpochHistory.EMPTY,
            context.config().compaction().enabled());
    RecoveryReport nothingDone = new RecoveryReport(true, 0, 0, 0, 0, null);
    return new OpenedLog(view, producers, tail, LogManifest.EMPTY, nothingDone).cleanedToUnknown();
  }
}
