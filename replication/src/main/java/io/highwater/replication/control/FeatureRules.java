package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When a level may come in force, and who may be a member while it is. Pure, and the same in every
 * build: it goes by what brokers registered, never by what this build knows.
 */
public final class FeatureRules {
  private FeatureRules() {}

  static CommandResult apply(Entry entry, UpdateFeatures command) {
    Optional<String> problem = problem(entry.found(), command.levels());
    if (problem.isPresent()) {
      return entry.rejected(ErrorCode.FEATURE_UPDATE_FAILED, problem.get());
    }
    command.levels().forEach(entry.edit()::setLevel);
    return entry.accepted();
  }

  /** Why these levels may not come in force, for people; empty when they may. */
  public static Optional<String> problem(ClusterImage image, Map<String, Integer> levels) {
    if (levels.isEmpty()) {
      return Optional.of("no feature is named");
    }
    for (Map.Entry<String, Integer> wanted : new TreeMap<>(levels).entrySet()) {
      String key = wanted.getKey();
      int level = wanted.getValue();
      int present = image.level(key);
      if (level < present) {
        return Optional.of(key + " is at level " + present + " and cannot go back to " + level);
      }
      for (BrokerRegistration broker : image.brokers()) {
        LevelRange range = broker.features().get(key);
        if (range == null || !range.contains(level)) {
          return Optional.of(
              "broker "
                  + broker.id()
                  + " (version "
                  + broker.version()
                  + ") speaks "
                  + (range == null ? "no " + key : key + " " + range + " only")
                  + ", not "
                  + level);
        }
        if (level != present && broker.fenced()) {
          return Optional.of(
              "broker "
                  + broker.id()
                  + " is not up, and what it speaks may be out of date: start it, or unregister it");
        }
      }
    }
    return Optional.empty();
  }

  /** The highest levels that all registered brokers speak, of what all of them speak. */
  public static SortedMap<String, Integer> highest(ClusterImage image) {
    SortedMap<String, Integer> highest = new TreeMap<>();
    for (String key : known(image)) {
      spokenByAll(image, key).ifPresent(range -> highest.put(key, range.max()));
    }
    return highest;
  }

  /**
   * The levels of a feature that all registered brokers speak.
   *
   * @return nothing when there is no such
   */
  public static Optional<LevelRange> spokenByAll(ClusterImage image, String key) {
    int min = 1;
    int max = Integer.MAX_VALUE;
    for (BrokerRegistration broker : image.brokers()) {
      LevelRange range = broker.features().get(key);
      if (range == null) {
        return Optional.empty();
      }
      min = Math.max(min, range.min());
      max = Math.min(max, range.max());
    }
    return max < min || image.brokers().isEmpty()
        ? Optional.empty()
        : Optional.of(new LevelRange(min, max));
  }

  /** Names of the features that are in force or that a registered broker speaks, in order. */
  public static SortedSet<String> known(ClusterImage image) {
    SortedSet<String> known = new TreeSet<>(image.levels().keySet());
    image.brokers().forEach(broker -> known.addAll(broker.features().keySet()));
    return known;
  }

  /** Refuses a broker that does not speak a level that is in force. */
  static Optional<Rejected> refusal(Entry entry, int brokerId, Map<String, LevelRange> features) {
    for (Map.Entry<String, Integer> inForce : entry.found().levels().entrySet()) {
      LevelRange range = features.get(inForce.getKey());
      if (range == null || !range.contains(inForce.getValue())) {
        return Optional.of(
            entry.rejected(
                ErrorCode.UNSUPPORTED_VERSION,
                "the cluster is at level "
                    + inForce.getValue()
                    + " of "
                    + inForce.getKey()
                    + ", of which broker "
                    + brokerId
                    + " speaks "
                    + (range == null ? "none" : range.toString())
                    + ": it needs newer software"));
      }
    }
    return Optional.empty();
  }
}
