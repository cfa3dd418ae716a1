package io.highwater.server.pubsub;

import io.highwater.log.append.TimestampBounds;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.TopicConfigs;
import java.util.Map;

/**
 * What a topic asks of a record beside its size. The leader asks it of whole batches: a record that
 * breaks it must not get into one with others, which would be refused with it.
 *
 * @param timestamps how far they may be from the clock
 * @param keyed whether each record needs a key, as in a compacted topic
 */
record RecordTerms(TimestampBounds timestamps, boolean keyed) {
  static RecordTerms of(Map<String, String> configs) {
    return new RecordTerms(
        new TimestampBounds(
            TopicConfigs.TIMESTAMP_BEFORE_MAX_MS.in(configs),
            TopicConfigs.TIMESTAMP_AFTER_MAX_MS.in(configs)),
        TopicConfigs.CLEANUP_POLICY.in(configs).contains(TopicConfigs.COMPACT));
  }

  /**
   * Lets a record pass.
   *
   * @param timestampMs that it will have
   * @throws HighwaterException INVALID_TIMESTAMP or INVALID_RECORD
   */
  void require(NewRecord record, long timestampMs, long nowMs) {
    if (timestampMs < 0 || !timestamps.allow(timestampMs, nowMs)) {
      throw new HighwaterException(
          ErrorCode.INVALID_TIMESTAMP,
          "timestamp "
              + timestampMs
              + " is negative, or too far from the broker's "
              + nowMs
              + " for the topic");
    }
    if (keyed && record.key() == null) {
      throw new HighwaterException(
          ErrorCode.INVALID_RECORD, "the record has no key, and the topic is compacted by key");
    }
  }
}
