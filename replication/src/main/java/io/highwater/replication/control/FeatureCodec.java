package io.highwater.replication.control;

import io.highwater.proto.internal.v1.FeatureLevel;
import io.highwater.proto.internal.v1.FeatureRange;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Levels of features in commands and snapshots, in the order of their names. */
final class FeatureCodec {
  private FeatureCodec() {}

  static List<FeatureLevel> levels(Map<String, Integer> levels) {
    return new TreeMap<>(levels)
        .entrySet().stream()
            .map(
                e ->
                    FeatureLevel.newBuilder().setFeature(e.getKey()).setLevel(e.getValue()).build())
            .toList();
  }

  static SortedMap<String, Integer> levels(List<FeatureLevel> records) {
    SortedMap<String, Integer> levels = new TreeMap<>();
    records.forEach(record -> levels.put(record.getFeature(), record.getLevel()));
    return levels;
  }

  static List<FeatureRange> ranges(Map<String, LevelRange> ranges) {
    return new TreeMap<>(ranges)
        .entrySet().stream()
            .map(
                e ->
                    FeatureRange.newBuilder()
                        .setFeature(e.getKey())
                        .setMinLevel(e.getValue().min())
                        .setMaxLevel(e.getValue().max())
                        .build())
            .toList();
  }

  /**
   * Reads ranges back.
   *
   * @throws IllegalArgumentException when one is none
   */
  static SortedMap<String, LevelRange> ranges(List<FeatureRange> records) {
    SortedMap<String, LevelRange> ranges = new TreeMap<>();
    for (FeatureRange record : records) {
      ranges.put(record.getFeature(), new LevelRange(record.getMinLevel(), record.getMaxLevel()));
    }
    return ranges;
  }
}
