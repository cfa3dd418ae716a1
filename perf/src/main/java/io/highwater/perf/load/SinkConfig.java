package io.highwater.perf.load;

import java.util.Objects;

/**
 * How a producer client is set up, in terms that every system has.
 *
 * @param bootstrap where the system is, in its own form
 * @param topic where to; exists already
 * @param acks 0, 1 or all
 * @param codec none, gzip, snappy, lz4 or zstd
 * @param batchBytes where a batch is closed, before compression
 * @param lingerMs how long an open batch waits for more records
 * @param inFlight batches without an answer (per partition or connection, as the client counts), or
 *     0 for the client's default
 * @param bufferBytes memory for records without an answer
 */
public record SinkConfig(
    String bootstrap,
    String topic,
    String acks,
    String codec,
    int batchBytes,
    int lingerMs,
    int inFlight,
    long bufferBytes) {
  public SinkConfig {
    Objects.requireNonNull(bootstrap, "bootstrap");
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(acks, "acks");
    Objects.requireNonNull(codec, "codec");
  }

  /** The same elsewhere. */
  public SinkConfig withBootstrap(String bootstrap) {
    return new SinkConfig(
        bootstrap, topic, acks, codec, batchBytes, lingerMs, inFlight, bufferBytes);
  }
}
