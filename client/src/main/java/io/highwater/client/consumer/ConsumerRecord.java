package io.highwater.client.consumer;

import io.highwater.proto.record.RecordHeader;
import java.util.List;

/**
 * A record that was read. The arrays are the caller's.
 *
 * @param topic its topic
 * @param partition its partition
 * @param offset its offset
 * @param timestamp ms since 1970
 * @param leaderEpoch of its append
 * @param key any bytes, or null
 * @param value any bytes, or null
 * @param headers may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared or hashed.
public record ConsumerRecord(
    String topic,
    int partition,
    long offset,
    long timestamp,
    int leaderEpoch,
    byte[] key,
    byte[] value,
    List<RecordHeader> headers) {}
