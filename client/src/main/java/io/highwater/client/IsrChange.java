package io.highwater.client;

import java.util.List;

/**
 * The last change of a partition's in-sync set, as the broker that answered has seen it.
 *
 * @param partition its number
 * @param left node ids that left the set
 * @param joined node ids that joined it
 * @param reason for people
 * @param timeMs when that broker learned of it, ms since 1970
 */
public record IsrChange(
    int partition, List<Integer> left, List<Integer> joined, String reason, long timeMs) {
  public IsrChange {
    left = List.copyOf(left);
    joined = List.copyOf(joined);
  }
}
