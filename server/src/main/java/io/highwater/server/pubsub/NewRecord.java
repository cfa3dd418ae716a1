package io.highwater.server.pubsub;

import io.highwater.proto.record.RecordHeader;
import java.util.List;

/**
 * A record that a client publishes.
 *
 * @param key or null
 * @param value or null
 * @param headers in the client's order
 * @param timestampMs since 1970; 0 means now
 */
@SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
public record NewRecord(byte[] key, byte[] value, List<RecordHeader> headers, long timestampMs) {}
