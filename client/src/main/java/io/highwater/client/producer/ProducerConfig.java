package io.highwater.client.producer;

import static io.highwater.client.ConnectionConfig.MAX_TIMEOUT_MS;

import io.highwater.client.ConnectionConfig;
import io.highwater.proto.Acks;
import io.highwater.proto.record.Codec;
import java.util.Objects;

/**
 * How a producer batches, sends and retries. Built and explained by {@link ProducerBuilder}. No
 * time is above {@link ConnectionConfig#MAX_TIMEOUT_MS}.
 *
 * @param connection how to reach the cluster
 * @param acks which replicas must have a batch
 * @param codec how batches are compressed
 * @param lingerMs how long an open batch waits for more records
 * @param lingersWhenIdle whether it waits also while nothing is on its way to the leader's broker
 * @param batchBytes what a full batch comes to when it is sent
 * @param bufferBytes memory for records not acknowledged yet
 * @param maxInFlightPerPartition batches of a partition that wait for their answers
 * @param deliveryTimeoutMs from send to the final answer
 * @param requestTimeoutMs how long a broker may be silent about a batch
 * @param maxBlockMs how long {@code send} may wait for metadata or memory
 * @param idempotent whether retries are recognised by the brokers
 */
public record ProducerConfig(
    ConnectionConfig connection,
    Acks acks,
    Codec codec,
    long lingerMs,
    boolean lingersWhenIdle,
    int batchBytes,
    long bufferBytes,
    int maxInFlightPerPartition,
    long deliveryTimeoutMs,
    long requestTimeoutMs,
    long maxBlockMs,
    boolean idempotent) {
  /** Brokers remember this many batches per producer and partition (IDM-2). */
  public static final int MAX_IDEMPOTENT_IN_FLIGHT = 5;

  public ProducerConfig {
    Objects.requireNonNull(connection, "connection");
    Objects.requireNonNull(acks, "acks");
    Objects.requireNonNull(codec, "codec");
    check(lingerMs >= 0, "lingerMs", lingerMs, "from 0");
    check(batchBytes >= 1024, "batchBytes", batchBytes, "from 1024");
    check(bufferBytes >= batchBytes, "bufferBytes", bufferBytes, "from batchBytes " + batchBytes);
    check(
        maxInFlightPerPartition >= 1
            && (!idempotent || maxInFlightPerPartition <= MAX_IDEMPOTENT_IN_FLIGHT),
        "maxInFlightPerPartition",
        maxInFlightPerPartition,
        "from 1, to 5 when idempotent");
    check(
        deliveryTimeoutMs > lingerMs && deliveryTimeoutMs <= MAX_TIMEOUT_MS,
        "deliveryTimeoutMs",
        deliveryTimeoutMs,
        "above lingerMs, to " + MAX_TIMEOUT_MS);
    checkTimeout(requestTimeoutMs, 1, "requestTimeoutMs");
    checkTimeout(maxBlockMs, 0, "maxBlockMs");
    if (idempotent && acks != Acks.ALL) {
      throw new IllegalArgumentException("idempotent needs acks all, not " + acks);
    }
  }

  private static void checkTimeout(long timeoutMs, long minMs, String name) {
    boolean holds = timeoutMs >= minMs && timeoutMs <= MAX_TIMEOUT_MS;
    check(holds, name, timeoutMs, "from " + minMs + " to " + MAX_TIMEOUT_MS);
  }

  private static void check(boolean holds, String name, long value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(name + " " + value + " is not " + range);
    }
  }
}
