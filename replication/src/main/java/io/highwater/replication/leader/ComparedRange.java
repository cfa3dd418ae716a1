package io.highwater.replication.leader;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the comparison of one range of offsets between the replicas of a partition found.
 *
 * @param fromOffset where it began
 * @param endOffset where the next one goes on; the high watermark when there is nothing left
 * @param highWatermark exclusive end of what can be compared
 * @param bytes of the range, on each replica
 * @param comparable whether there was something to compare; false for a log that is, or was,
 *     compacted: each replica cleans in its own time
 * @param contents SHA-256 of the range by broker, the leader's among them; empty when there was
 *     nobody to ask
 * @param silent replicas that did not tell, and why
 * @param yielding replicas that go offline now, to be fetched again
 */
public record ComparedRange(
    long fromOffset,
    long endOffset,
    long highWatermark,
    long bytes,
    boolean comparable,
    Map<Integer, String> contents,
    Map<Integer, String> silent,
    Set<Integer> yielding) {
  public ComparedRange {
    contents = Map.copyOf(contents);
    silent = Map.copyOf(silent);
    yielding = Set.copyOf(yielding);
  }

  /** Whether the replicas hold different things. */
  public boolean differs() {
    return new HashSet<>(contents.values()).size() > 1;
  }

  /** Whether nothing is left to compare. */
  public boolean isLast() {
    return !comparable || endOffset >= highWatermark;
  }
}
