package io.highwater.client.consumer;

import io.highwater.client.ConnectionConfig;
import java.util.Objects;

/**
 * How a consumer reads. Built and explained by {@link ConsumerBuilder}.
 *
 * @param connection how to reach the cluster
 * @param reset what to do when a position is gone
 * @param bufferBytes read ahead of {@code poll}, per broker
 * @param maxPollBytes stored bytes that one poll returns; one batch may exceed it
 * @param maxBatchBytes the most that one batch may inflate to
 * @param rack where the consumer is, for reading from a replica nearby; empty: unknown
 * @param corruptRecords what to do where the records of a batch cannot be read
 */
public record ConsumerConfig(
    ConnectionConfig connection,
    OffsetReset reset,
    long bufferBytes,
    int maxPollBytes,
    int maxBatchBytes,
    String rack,
    CorruptRecords corruptRecords) {
  public ConsumerConfig {
    Objects.requireNonNull(connection, "connection");
    Objects.requireNonNull(reset, "reset");
    Objects.requireNonNull(rack, "rack");
    Objects.requireNonNull(corruptRecords, "corruptRecords");
    check(bufferBytes >= 1024, "bufferBytes", bufferBytes);
    check(maxPollBytes >= 1, "maxPollBytes", maxPollBytes);
    check(maxBatchBytes >= 1024, "maxBatchBytes", maxBatchBytes);
  }

  private static void check(boolean holds, String name, long value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " " + value + " is too small");
    }
  }
}
