package io.highwater.replication.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which replicas are wrong where their contents differ, although each reads well (REP-10): those
 * that a majority of the partition's replicas differs from. Pure.
 */
public final class ContentVote {
  private ContentVote() {}

  /**
   * Counts.
   *
   * @param contents what each broker that could tell holds, in short
   * @param replicas how many the partition has, heard or not
   * @return whoever is outvoted; empty when all agree, and when no content has a majority
   */
  public static Set<Integer> outvoted(Map<Integer, String> contents, int replicas) {
    Map<String, Integer> votes = new HashMap<>();
    contents.values().forEach(content -> votes.merge(content, 1, Integer::sum));
    Set<Integer> outvoted = new TreeSet<>();
    votes.forEach(
        (winner, count) -> {
          if (2 * count > replicas) {
            contents.forEach(
                (broker, content) -> {
                  if (!content.equals(winner)) {
                    outvoted.add(broker);
                  }
                });
          }
        });
    return outvoted;
  }
}
