package io.highwater.log.recover;

/** Where offsets of a log may be missing (STO-2). Pure. */
enum Gaps {
  /** Nowhere: the log was never compacted. */
  NONE,
  /**
   * Between batches of one segment: compaction keeps the last batch of each, and a follower begins
   * its segments where the log ended. So a segment that is missing, or was cut between two batches,
   * shows.
   */
  WITHIN_SEGMENTS,
  /** Anywhere: Apache Kafka compacted the log. */
  ANYWHERE;

  /** A follower leaves out what no index could span. */
  private static final long WIDE = 1L << 30;

  boolean allowBatch(long end, long baseOffset) {
    return this == NONE ? baseOffset == end : baseOffset >= end;
  }

  boolean allowSegment(long end, long baseOffset) {
    return switch (this) {
      case NONE -> baseOffset == end;
      case WITHIN_SEGMENTS -> baseOffset == end || baseOffset - end > WIDE;
      case ANYWHERE -> baseOffset >= end;
    };
  }
}
