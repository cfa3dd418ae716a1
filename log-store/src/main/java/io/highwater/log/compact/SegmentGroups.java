package io.highwater.log.compact;

import io.highwater.log.index.TimeIndex;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.record.BatchLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Which neighbouring segments become one, so that a log of many small remains does not stay in as
 * many files. As in Kafka: while the sources together stay within the size of a segment and of its
 * index, and every offset can be told relative to the first base. Pure.
 */
final class SegmentGroups {
  private SegmentGroups() {}

  /**
   * Groups of neighbours, in order; each source is in one.
   *
   * @param maxBytes of the sources' log files together
   * @param maxIndexBytes of an index
   * @param intervalBytes of log that an entry of an index stands for
   */
  static List<List<SegmentSummary>> of(
      List<SegmentSummary> sources, long maxBytes, long maxIndexBytes, int intervalBytes) {
    List<List<SegmentSummary>> groups = new ArrayList<>();
    List<SegmentSummary> group = new ArrayList<>();
    long bytes = 0;
    long entries = maxIndexBytes / TimeIndex.ENTRY_BYTES;
    long most = Math.min(maxBytes, entries * Math.max(BatchLayout.HEADER_BYTES, intervalBytes));
    for (SegmentSummary source : sources) {
      boolean fits =
          bytes + source.sizeInBytes() <= most
              && (group.isEmpty()
                  || source.endOffset() - 1 - group.get(0).baseOffset() <= Integer.MAX_VALUE);
      if (!group.isEmpty() && !fits) {
        groups.add(group);
        group = new ArrayList<>();
        bytes = 0;
      }
      group.add(source);
      bytes += source.sizeInBytes();
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }
}
