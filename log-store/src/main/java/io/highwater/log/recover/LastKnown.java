package io.highwater.log.recover;

import io.highwater.log.segment.LogManifest;

/**
 * What the checkpoints of the log directory say of a log that is about to be opened.
 *
 * @param clean whether the directory was shut down cleanly
 * @param recoveryPoint exclusive end of what was flushed; 0 when unknown
 * @param highWatermark last one checkpointed; 0 when unknown
 * @param logStart last one checkpointed; 0 when unknown
 */
public record LastKnown(boolean clean, long recoveryPoint, long highWatermark, long logStart) {
  /** Of a log that never was, or of which nothing is known. */
  public static final LastKnown NOTHING = new LastKnown(false, 0, 0, 0);

  @Override
  public String toString() {
    return "offsets from "
        + logStart
        + " on, flushed below "
        + recoveryPoint
        + ", committed below "
        + highWatermark
        + (clean ? ", before a clean stop" : "");
  }

  /** This and what the log's own manifest claims: its segments were flushed. */
  LastKnown and(LogManifest manifest) {
    long flushed = manifest.segments().isEmpty() ? 0 : manifest.endOffset();
    return new LastKnown(
        clean,
        Math.max(recoveryPoint, flushed),
        highWatermark,
        Math.max(logStart, manifest.logStart()));
  }
}
