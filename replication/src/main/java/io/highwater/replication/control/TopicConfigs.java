package io.highwater.replication.control;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * The settings a topic can have, under Kafka's names. All are whole numbers. What a topic does not
 * set has the default here, unless whoever creates it fills in a broker's own default first.
 */
public final class TopicConfigs {

  /** A setting: its name, default and bounds, both inclusive. */
  public enum Key {
    /** In-sync replicas that an acks=all write needs. */
    MIN_INSYNC_REPLICAS("min.insync.replicas", 1, 1, 1_000),
    /** Largest batch in bytes, as it is stored. */
    MAX_MESSAGE_BYTES("max.message.bytes", 1 << 20, 1 << 10, 100 << 20),
    /** A segment is rolled before it grows beyond this. */
    SEGMENT_BYTES("segment.bytes", 1 << 30, 1 << 10, Integer.MAX_VALUE),
    /** A segment is rolled when its first record is older than this. */
    SEGMENT_MS("segment.ms", 604_800_000L, 1, Long.MAX_VALUE),
    /** Bytes of log between two index entries. */
    INDEX_INTERVAL_BYTES("index.interval.bytes", 4_096, 0, Integer.MAX_VALUE),
    /** A segment is rolled when its offset index reaches this. */
    SEGMENT_INDEX_BYTES("segment.index.bytes", 10 << 20, 1 << 10, 1 << 30),
    /** Records after which the log is flushed; 1: every batch, before it counts as replicated. */
    FLUSH_MESSAGES("flush.messages", Long.MAX_VALUE, 1, Long.MAX_VALUE),
    /** Time after which what was appended is flushed. */
    FLUSH_MS("flush.ms", Long.MAX_VALUE, 0, Long.MAX_VALUE);

    private final String text;
    private final long defaultValue;
    private final long least;
    private final long greatest;

    Key(String text, long defaultValue, long least, long greatest) {
      this.text = text;
      this.defaultValue = defaultValue;
      this.least = least;
      this.greatest = greatest;
    }

    /** The name in configurations. */
    public String text() {
      return text;
    }

    /** The value where a topic sets none. */
    public long defaultValue() {
      return defaultValue;
    }

    /** The value that these settings have, which were found to be without a {@link #problem}. */
    public long in(Map<String, String> configs) {
      String value = configs.get(text);
      return value == null ? defaultValue : Long.parseLong(value.trim());
    }

    private Optional<String> problemOf(String value) {
      try {
        long number = Long.parseLong(value.trim());
        if (number >= least && number <= greatest) {
          return Optional.empty();
        }
      } catch (NumberFormatException e) {
        return Optional.of(text + " must be a whole number, not '" + value + "'");
      }
      return Optional.of(
          text + " must be from " + least + " to " + greatest + ", not " + value.trim());
    }
  }

  private TopicConfigs() {}

  /** Fewest in-sync replicas for acks=all, before the replication factor caps it. */
  public static int minInSyncReplicas(Map<String, String> configs) {
    return (int) Key.MIN_INSYNC_REPLICAS.in(configs);
  }

  /** What is wrong with these settings, for people; empty when nothing is. */
  public static Optional<String> problem(Map<String, String> configs) {
    for (String name : configs.keySet().stream().sorted().toList()) {
      Optional<Key> key = Arrays.stream(Key.values()).filter(k -> k.text.equals(name)).findFirst();
      Optional<String> problem =
          key.isPresent()
              ? key.get().problemOf(configs.get(name))
              : Optional.of(
                  "unknown topic setting '" + name + "', did you mean " + nearest(name) + "?");
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static String nearest(String name) {
    String best = "";
    int bestDistance = Integer.MAX_VALUE;
    for (Key key : Key.values()) {
      int distance = editDistance(name, key.text);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = key.text;
      }
    }
    return best;
  }

  private static int editDistance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
