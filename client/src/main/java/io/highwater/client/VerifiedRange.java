package io.highwater.client;

import java.util.List;
import java.util.Map;

/**
 * What the comparison of a range of offsets between the replicas of a partition found.
 *
 * @param fromOffset where it began
 * @param endOffset where the next one goes on; the high watermark when nothing is left
 * @param highWatermark exclusive end of what can be compared
 * @param bytes of the range, on each replica
 * @param comparable false for a partition that is, or was, compacted: each replica cleans in its
 *     own time
 * @param contents SHA-256 of the range by broker, in hexadecimal digits
 * @param silent replicas that did not tell, and why: down, behind, or damaged there
 * @param yielding replicas that go offline for it and are fetched again
 */
public record VerifiedRange(
    long fromOffset,
    long endOffset,
    long highWatermark,
    long bytes,
    boolean comparable,
    Map<Integer, String> contents,
    Map<Integer, String> silent,
    List<Integer> yielding) {
  public VerifiedRange {
    contents = Map.copyOf(contents);
    silent = Map.copyOf(silent);
    yielding = List.copyOf(yielding);
  }

  /** Whether the replicas hold different things. */
  public boolean differs() {
    return contents.values().stream().distinct().count() > 1;
  }

  /** Whether nothing is left to compare. */
  public boolean isLast() {
    return !comparable || endOffset >= highWatermark;
  }
}
