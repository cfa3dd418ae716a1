package io.highwater.replication.control;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings a topic can have, under Kafka's names. What a topic does not set has the default
 * here, unless whoever creates it fills in a broker's own default first.
 */
public final class TopicConfigs {
  /** {@link #CLEANUP_POLICY}: old segments go. */
  public static final String DELETE = "delete";

  /** {@link #CLEANUP_POLICY}: older records of a key go. */
  public static final String COMPACT = "compact";

  /** {@link #FLUSH_POLICY}: the operating system writes when it likes. */
  public static final String FLUSH_OS = "os";

  /** {@link #FLUSH_POLICY}: flushed after so many records or so much time. */
  public static final String FLUSH_INTERVAL = "interval";

  /** {@link #FLUSH_POLICY}: acknowledgements wait for a flush that they share. */
  public static final String FLUSH_GROUP = "group";

  /** {@link #RECORDS_VALIDATION}: whatever is acknowledged can be read. */
  public static final String VALIDATE_FULL = "full";

  /** {@link #RECORDS_VALIDATION}: what a codec made of the records is the producer's word. */
  public static final String VALIDATE_HEADER = "header";

  /** In-sync replicas that an acks=all write needs. */
  public static final TopicConfig<Integer> MIN_INSYNC_REPLICAS =
      TopicConfig.ofInt("min.insync.replicas", 1, 1, 1_000);

  /** Largest batch in bytes, as it is stored. */
  public static final TopicConfig<Integer> MAX_MESSAGE_BYTES =
      TopicConfig.ofInt("max.message.bytes", 1 << 20, 1 << 10, 100 << 20);

  /** A segment is rolled before it grows beyond this. */
  public static final TopicConfig<Integer> SEGMENT_BYTES =
      TopicConfig.ofInt("segment.bytes", 1 << 30, 1 << 10, Integer.MAX_VALUE);

  /** A segment is rolled when its first record is older than this. */
  public static final TopicConfig<Long> SEGMENT_MS =
      TopicConfig.ofLong("segment.ms", 604_800_000L, 1);

  /** Bytes of log between two index entries. */
  public static final TopicConfig<Integer> INDEX_INTERVAL_BYTES =
      TopicConfig.ofInt("index.interval.bytes", 4_096, 0, Integer.MAX_VALUE);

  /** A segment is rolled when its offset index reaches this. */
  public static final TopicConfig<Integer> SEGMENT_INDEX_BYTES =
      TopicConfig.ofInt("segment.index.bytes", 10 << 20, 1 << 10, 1 << 30);

  /** Whether old segments go, older records of a key, or both. */
  public static final TopicConfig<List<String>> CLEANUP_POLICY =
      TopicConfig.ofChoices("cleanup.policy", DELETE, List.of(DELETE, COMPACT));

  /** A segment goes when its last append is older; -1: never. */
  public static final TopicConfig<Long> RETENTION_MS =
      TopicConfig.ofLong("retention.ms", 604_800_000L, -1);

  /** The oldest segments go while the others hold as much; -1: never. */
  public static final TopicConfig<Long> RETENTION_BYTES =
      TopicConfig.ofLong("retention.bytes", -1, -1);

  /** Files stay so long after they left the log. */
  public static final TopicConfig<Long> FILE_DELETE_DELAY_MS =
      TopicConfig.ofLong("file.delete.delay.ms", 60_000, 0);

  /**
   * Whether compressed records are inflated and held against their batch's header before they are
   * appended; in a compacted topic they always are.
   */
  public static final TopicConfig<String> RECORDS_VALIDATION =
      TopicConfig.ofChoice(
          "records.validation", VALIDATE_FULL, List.of(VALIDATE_FULL, VALIDATE_HEADER));

  /** How far a record's timestamp may lie in the past when it comes. */
  public static final TopicConfig<Long> TIMESTAMP_BEFORE_MAX_MS =
      TopicConfig.ofLong("message.timestamp.before.max.ms", Long.MAX_VALUE, 0);

  /** How far a record's timestamp may lie in the future when it comes. */
  public static final TopicConfig<Long> TIMESTAMP_AFTER_MAX_MS =
      TopicConfig.ofLong("message.timestamp.after.max.ms", 3_600_000, 0);

  /** The part of a log not yet compacted from which on it is compacted. */
  public static final TopicConfig<Double> MIN_CLEANABLE_DIRTY_RATIO =
      TopicConfig.ofRatio("min.cleanable.dirty.ratio", 0.5);

  /** Younger records are not compacted. */
  public static final TopicConfig<Long> MIN_COMPACTION_LAG_MS =
      TopicConfig.ofLong("min.compaction.lag.ms", 0, 0);

  /** Older records are compacted whatever the ratio. */
  public static final TopicConfig<Long> MAX_COMPACTION_LAG_MS =
      TopicConfig.ofLong("max.compaction.lag.ms", Long.MAX_VALUE, 1);

  /** Tombstones stay so long. */
  public static final TopicConfig<Long> DELETE_RETENTION_MS =
      TopicConfig.ofLong("delete.retention.ms", 86_400_000, 0);

  /**
   * What an acknowledgement promises: {@link #FLUSH_OS}, {@link #FLUSH_INTERVAL} or {@link
   * #FLUSH_GROUP}. Where it is not set, {@link #FLUSH_MESSAGES} and {@link #FLUSH_MS} decide: see
   * {@link #flushPolicy}.
   */
  public static final TopicConfig<String> FLUSH_POLICY =
      TopicConfig.ofChoice(
          "flush.policy", FLUSH_OS, List.of(FLUSH_OS, FLUSH_INTERVAL, FLUSH_GROUP));

  /** Records after which the log is flushed; 1: every batch, before it counts as replicated. */
  public static final TopicConfig<Long> FLUSH_MESSAGES =
      TopicConfig.ofLong("flush.messages", Long.MAX_VALUE, 1);

  /** Time after which what was appended is flushed. */
  public static final TopicConfig<Long> FLUSH_MS =
      TopicConfig.ofLong("flush.ms", Long.MAX_VALUE, 0);

  /**
   * Whether a partition that has waited in vain for all who have what is committed is led by one
   * who has not.
   */
  public static final TopicConfig<Boolean> UNCLEAN_LEADER_ELECTION_ENABLE =
      TopicConfig.ofBoolean("unclean.leader.election.enable", false);

  /**
   * Bytes per second that a leader's broker sends of this topic to replicas that a reassignment is
   * adding.
   */
  public static final TopicConfig<Long> THROTTLED_RATE =
      TopicConfig.ofLong("leader.replication.throttled.rate", Long.MAX_VALUE, 1_024);

  /** All settings. */
  public static final List<TopicConfig<?>> ALL =
      List.of(
          MIN_INSYNC_REPLICAS,
          MAX_MESSAGE_BYTES,
          SEGMENT_BYTES,
          SEGMENT_MS,
          INDEX_INTERVAL_BYTES,
          SEGMENT_INDEX_BYTES,
          CLEANUP_POLICY,
          RETENTION_MS,
          RETENTION_BYTES,
          FILE_DELETE_DELAY_MS,
          RECORDS_VALIDATION,
          TIMESTAMP_BEFORE_MAX_MS,
          TIMESTAMP_AFTER_MAX_MS,
          MIN_CLEANABLE_DIRTY_RATIO,
          MIN_COMPACTION_LAG_MS,
          MAX_COMPACTION_LAG_MS,
          DELETE_RETENTION_MS,
          FLUSH_POLICY,
          FLUSH_MESSAGES,
          FLUSH_MS,
          UNCLEAN_LEADER_ELECTION_ENABLE,
          THROTTLED_RATE);

  private TopicConfigs() {}

  /** Fewest in-sync replicas for acks=all, before the replication factor caps it. */
  public static int minInSyncReplicas(Map<String, String> configs) {
    return MIN_INSYNC_REPLICAS.in(configs);
  }

  /**
   * The {@link #FLUSH_POLICY} in force: the one that is set, else {@link #FLUSH_GROUP} when every
   * single record is to be flushed, {@link #FLUSH_INTERVAL} when some number or time is set, else
   * {@link #FLUSH_OS}.
   */
  public static String flushPolicy(Map<String, String> configs) {
    if (FLUSH_POLICY.isSetIn(configs)) {
      return FLUSH_POLICY.in(configs);
    }
    if (FLUSH_MESSAGES.in(configs) == 1) {
      return FLUSH_GROUP;
    }
    return FLUSH_MESSAGES.isSetIn(configs) || FLUSH_MS.isSetIn(configs) ? FLUSH_INTERVAL : FLUSH_OS;
  }

  /** What is wrong with these settings, for people; empty when nothing is. */
  public static Optional<String> problem(Map<String, String> configs) {
    for (String name : configs.keySet().stream().sorted().toList()) {
      Optional<String> problem =
          named(name).map(c -> c.problemOf(configs.get(name))).orElseGet(() -> unknown(name));
      if (problem.isPresent()) {
        return problem;
      }
    }
    return contradiction(configs);
  }

  /** For people, that there is no setting of that name; empty when there is. */
  public static Optional<String> unknown(String name) {
    return named(name).isPresent()
        ? Optional.empty()
        : Optional.of("unknown topic setting '" + name + "', did you mean " + nearest(name) + "?");
  }

  /** What of a change cannot be made to a topic that lives, for people; empty when nothing is. */
  public static Optional<String> fixed(Map<String, String> before, Map<String, String> after) {
    boolean compacted = CLEANUP_POLICY.in(before).contains(COMPACT);
    return compacted && !CLEANUP_POLICY.in(after).contains(COMPACT)
        ? Optional.of(
            CLEANUP_POLICY.name()
                + " cannot lose '"
                + COMPACT
                + "': the topic may have been compacted; it may gain '"
                + DELETE
                + "'")
        : Optional.empty();
  }

  private static Optional<TopicConfig<?>> named(String name) {
    return ALL.stream().filter(c -> c.name().equals(name)).findFirst();
  }

  private static Optional<String> contradiction(Map<String, String> configs) {
    if (MAX_COMPACTION_LAG_MS.in(configs) < MIN_COMPACTION_LAG_MS.in(configs)) {
      return Optional.of(
          MAX_COMPACTION_LAG_MS.name()
              + "="
              + MAX_COMPACTION_LAG_MS.in(configs)
              + " must be at least "
              + MIN_COMPACTION_LAG_MS.name()
              + "="
              + MIN_COMPACTION_LAG_MS.in(configs));
    }
    return Optional.empty();
  }

  private static String nearest(String name) {
    String best = "";
    int bestDistance = Integer.MAX_VALUE;
    for (TopicConfig<?> config : ALL) {
      int distance = editDistance(name, config.name());
      if (distance < bestDistance) {
        bestDistance = distance;
        best = config.name();
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
