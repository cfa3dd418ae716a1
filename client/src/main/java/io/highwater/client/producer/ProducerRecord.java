package io.highwater.client.producer;

import io.highwater.proto.record.RecordHeader;
import java.util.List;
import java.util.Objects;

/**
 * A record to be sent. Arrays are not copied: leave them alone until {@code send} has returned, by
 * when the record is encoded.
 *
 * @param topic where to
 * @param partition which partition, or null: by key, or any for a record without one
 * @param key any bytes, or null
 * @param value any bytes, or null (a tombstone in a compacted topic)
 * @param headers may be empty
 * @param timestamp ms since 1970, or {@link #NOW}
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared or hashed.
public record ProducerRecord(
    String topic,
    Integer partition,
    byte[] key,
    byte[] value,
    List<RecordHeader> headers,
    long timestamp) {
  /** Stands for the time of the send. */
  public static final long NOW = -1;

  public ProducerRecord {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(headers, "headers");
    if (partition != null && partition < 0) {
      throw new IllegalArgumentException("partition " + partition + " is negative");
    }
    if (timestamp < NOW) {
      throw new IllegalArgumentException("timestamp " + timestamp + " is negative");
    }
  }

  /** A record for any partition, or the key's one, stamped with the time of the send. */
  public static ProducerRecord of(String topic, byte[] key, byte[] value) {
    return new ProducerRecord(topic, null, key, value, List.of(), NOW);
  }
}
