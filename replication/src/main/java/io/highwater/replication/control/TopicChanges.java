package io.highwater.replication.control;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Which topics the newest entries of the metadata log touched, so that who followed them so far
 * need not look at all topics. Bounded, immutable.
 */
final class TopicChanges {
  private static final int MAX_ENTRIES = 1_024;

  /** Of one entry; beyond it, looking at all topics costs no more. */
  private static final int MAX_TOPICS = 1_024;

  private final PSortedMap<Long, List<UUID>> entries;

  /** What was touched by entries above this index is all here. */
  private final long floor;

  /** Where it began: only images that come of one another have the same. */
  private final Object origin;

  private TopicChanges(PSortedMap<Long, List<UUID>> entries, long floor, Object origin) {
    this.entries = entries;
    this.floor = floor;
    this.origin = origin;
  }

  /** Knows of nothing up to an index. */
  static TopicChanges from(long index) {
    return new TopicChanges(TreePMap.empty(), index, new Object());
  }

  /** With another entry. */
  TopicChanges and(long index, Collection<UUID> touched) {
    if (touched.isEmpty()) {
      return this;
    }
    if (touched.size() > MAX_TOPICS) {
      return from(index);
    }
    PSortedMap<Long, List<UUID>> next = entries.plus(index, List.copyOf(touched));
    if (next.size() <= MAX_ENTRIES) {
      return new TopicChanges(next, floor, origin);
    }
    long oldest = next.firstKey();
    return new TopicChanges(next.minus(oldest), oldest, origin);
  }

  /**
   * What was touched since, the first to be touched first; nothing when that is unknown, because it
   * is too long ago or what was seen then was another log's.
   *
   * @param earlier as of an earlier image
   * @param index that image's
   */
  Optional<Set<UUID>> since(TopicChanges earlier, long index) {
    if (index < floor || !comesOf(earlier)) {
      return Optional.empty();
    }
    Set<UUID> touched = new LinkedHashSet<>();
    entries.tailMap(index, false).values().forEach(touched::addAll);
    return Optional.of(touched);
  }

  /** A log may have been rolled back and gone on otherwise: then the same index says nothing. */
  @SuppressWarnings("ReferenceEquality") // The very entry, not one that says the same.
  private boolean comesOf(TopicChanges earlier) {
    if (earlier.entries.isEmpty()) {
      return origin == earlier.origin;
    }
    long last = earlier.entries.lastKey();
    return entries.get(last) == earlier.entries.get(last);
  }
}
