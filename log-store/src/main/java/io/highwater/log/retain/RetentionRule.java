package io.highwater.log.retain;

import io.highwater.log.LogOffsets;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentSummary;

/** How far age and size let a log's start move: over whole segments, never the last. Pure. */
final class RetentionRule {
  private RetentionRule() {}

  /**
   * Where the log should begin.
   *
   * @param nowMs on the clock that dated the appends
   * @return the end of the last segment that goes, at most the high watermark (RET-1), or the start
   *     as it is
   */
  static long startOffset(
      SegmentList segments, LogOffsets offsets, RetentionConfig config, long nowMs) {
    long start = offsets.start();
    if (!config.deletes()) {
      return start;
    }
    long surplusBytes =
        config.retentionBytes() == RetentionConfig.UNLIMITED
            ? -1
            : bytesOf(segments) - config.retentionBytes();
    for (int i = 0; i < segments.size() - 1; i++) {
      Segment segment = segments.get(i);
      long end = segments.get(i + 1).baseOffset();
      surplusBytes -= bytesOf(segment);
      boolean goes = end <= start || surplusBytes >= 0 || isExpired(segment, config, nowMs);
      if (!goes || end > offsets.highWatermark()) {
        break;
      }
      start = Math.max(start, end);
    }
    return start;
  }

  /** Whether the last append is longer ago than the topic keeps. */
  static boolean isExpired(Segment segment, RetentionConfig config, long nowMs) {
    return config.deletes()
        && config.retentionMs() != RetentionConfig.UNLIMITED
        && nowMs - segment.lastAppendMs() > config.retentionMs();
  }

  /** Whether size lets even the last segment go: as Kafka, where no bytes are to be kept. */
  static boolean keepsNothing(RetentionConfig config) {
    return config.deletes() && config.retentionBytes() == 0;
  }

  /** Bytes of a segment's log, also while nothing of it is open. */
  static long bytesOf(Segment segment) {
    return segment.summary().map(SegmentSummary::sizeInBytes).orElse((long) segment.sizeInBytes());
  }

  private static long bytesOf(SegmentList segments) {
    long bytes = 0;
    for (int i = 0; i < segments.size(); i++) {
      bytes += bytesOf(segments.get(i));
    }
    return bytes;
  }
}
