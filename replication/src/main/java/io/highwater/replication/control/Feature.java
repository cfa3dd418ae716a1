package io.highwater.replication.control;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a cluster's members have to agree on, in levels: brokers register which levels they speak,
 * and the image holds the one in force (KIP-584).
 */
public enum Feature {
  /**
   * Commands and images of the metadata log. What each level brought:
   *
   * <ol>
   *   <li>what there was when levels began
   *   <li>{@link MetadataCommand.ReplicasOffline#absent}, {@link LastRun#only}
   * </ol>
   */
  METADATA_VERSION("metadata.version", 1, 2);

  private final String key;
  private final int min;
  private final int max;

  Feature(String key, int min, int max) {
    this.key = key;
    this.min = min;
    this.max = max;
  }

  /** Its name, for people and in the metadata log. */
  public String key() {
    return key;
  }

  /** Levels that this build speaks. The lowest is in force where the image names none. */
  public LevelRange supported() {
    return new LevelRange(min, max);
  }

  /** All that this build speaks, by name. */
  public static SortedMap<String, LevelRange> allSupported() {
    SortedMap<String, LevelRange> all = new TreeMap<>();
    for (Feature feature : values()) {
      all.put(feature.key, feature.supported());
    }
    return all;
  }

  /** The highest of all that this build speaks, by name. */
  public static SortedMap<String, Integer> newest() {
    return newest(allSupported());
  }

  /** The highest levels of what somebody speaks: those of a cluster that they make. */
  public static SortedMap<String, Integer> newest(SortedMap<String, LevelRange> spoken) {
    SortedMap<String, Integer> levels = new TreeMap<>();
    spoken.forEach((key, range) -> levels.put(key, range.max()));
    return levels;
  }
}
