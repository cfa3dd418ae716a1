package io.highwater.log.recover;

import io.highwater.log.segment.LogManifest;

/**
 * What the checkpoints of the log directory say of a log that is about to be opened.
 *
 * @param stop how the directory was left
 * @param recoveryPoint exclusive end of what was flushed; 0 when unknown
 * @param highWatermark last one checkpointed; 0 when unknown
 * @param logStart last one checkpointed; 0 when unknown
 */
public record LastKnown(LastStop stop, long recoveryPoint, long highWatermark, long logStart) {
  /** Of a log that never was, or of which nothing is known. */
  public static final LastKnown NOTHING = new LastKnown(false, 0, 0, 0);

  /** Of a log that was left cleanly, or nobody knows how. */
  public LastKnown(boolean clean, long recoveryPoint, long highWatermark, long logStart) {
    this(clean ? LastStop.CLEAN : LastStop.UNKNOWN, recoveryPoint, highWatermark, logStart);
  }

  @Override
  public String toString() {
    return "offsets from "
        + logStart
        + " on, flushed below "
        + recoveryPoint
        + ", committed below "
        + highWatermark
        + switch (stop) {
          case CLEAN -> ", before a clean stop";
          case KILLED -> ", before a kill";
          case UNKNOWN -> "";
        };
  }

  /** Whether the directory was shut down cleanly. */
  public boolean clean() {
    return stop == LastStop.CLEAN;
  }

  /** This and what the log's own manifest claims: its segments were flushed. */
  LastKnown and(LogManifest manifest) {
    long flushed = manifest.segments().isEmpty() ? 0 : manifest.endOffset();
    return new LastKnown(
        stop,
        Math.max(recoveryPoint, flushed),
        highWatermark,
        Math.max(logStart, manifest.logStart()));
  }
}
