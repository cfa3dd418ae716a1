package io.highwater.client.producer;

import io.highwater.client.ConnectionConfig;
import io.highwater.proto.Acks;
import io.highwater.proto.record.Codec;

/** Settings of a {@link Producer}, checked by {@link #build()}. */
public final class ProducerBuilder {
  private String bootstrap = ConnectionConfig.DEFAULT_BOOTSTRAP;
  private boolean waitForBrokers = true;
  private Acks acks = Acks.ALL;
  private Codec codec = Codec.NONE;
  private long lingerMs = 5;
  private boolean lingersWhenIdle;
  private int batchBytes = 64 * 1024;
  private long bufferBytes = 32L * 1024 * 1024;
  private int maxInFlightPerPartition = ProducerConfig.MAX_IDEMPOTENT_IN_FLIGHT;
  private long deliveryTimeoutMs = 120_000;
  private long requestTimeoutMs = 30_000;
  private long maxBlockMs = 60_000;
  private long metadataMaxAgeMs = ConnectionConfig.DEFAULT_METADATA_MAX_AGE_MS;
  private Boolean idempotent;

  ProducerBuilder() {}

  /** Brokers to begin with, {@code host:port[,…]}; by default 127.0.0.1:7450. */
  public ProducerBuilder bootstrap(String addresses) {
    this.bootstrap = addresses;
    return this;
  }

  /** Which replicas must have a batch before it is acknowledged; by default all in sync. */
  public ProducerBuilder acks(Acks acks) {
    this.acks = acks;
    return this;
  }

  /** How batches are compressed; by default not at all. */
  public ProducerBuilder compression(Codec codec) {
    this.codec = codec;
    return this;
  }

  /**
   * How long an open batch waits for more records, 0 to send as soon as possible. By default it
   * waits at most 5 ms, and only while other batches are on their way to the same broker: a record
   * after a pause is sent at once, and the busier a producer is, the fuller its batches.
   */
  public ProducerBuilder lingerMs(long lingerMs) {
    this.lingerMs = lingerMs;
    this.lingersWhenIdle = true;
    return this;
  }

  /**
   * What a full batch comes to when it is sent, from 1024; by default 64 KiB. With a codec a batch
   * takes as many times more records as the topic's batches were compressed by lately, up to
   * eightfold and within the topic's limit.
   */
  public ProducerBuilder batchBytes(int batchBytes) {
    this.batchBytes = batchBytes;
    return this;
  }

  /** Memory for records not acknowledged yet; senders wait beyond it. By default 32 MiB. */
  public ProducerBuilder bufferBytes(long bufferBytes) {
    this.bufferBytes = bufferBytes;
    return this;
  }

  /** Batches of a partition that may wait for their answers, 1 to 5; by default 5 (IDM-2). */
  public ProducerBuilder maxInFlightPerPartition(int batches) {
    this.maxInFlightPerPartition = batches;
    return this;
  }

  /** From a batch's first record to its final answer, retries included; by default 120,000. */
  public ProducerBuilder deliveryTimeoutMs(long deliveryTimeoutMs) {
    this.deliveryTimeoutMs = deliveryTimeoutMs;
    return this;
  }

  /** How long a broker may be silent about a batch before it is sent again; by default 30,000. */
  public ProducerBuilder requestTimeoutMs(long requestTimeoutMs) {
    this.requestTimeoutMs = requestTimeoutMs;
    return this;
  }

  /** How long {@code send} may wait for metadata or memory; by default 60,000. */
  public ProducerBuilder maxBlockMs(long maxBlockMs) {
    this.maxBlockMs = maxBlockMs;
    return this;
  }

  /** After how long to look for new partitions of the topics in use; by default 300,000. */
  public ProducerBuilder metadataMaxAgeMs(long metadataMaxAgeMs) {
    this.metadataMaxAgeMs = metadataMaxAgeMs;
    return this;
  }

  /**
   * Whether calls wait for a broker to come up, as long as they may take, when none can be reached;
   * by default true. Else they fail with BROKER_NOT_AVAILABLE within a second or two.
   */
  public ProducerBuilder waitForBrokers(boolean waitForBrokers) {
    this.waitForBrokers = waitForBrokers;
    return this;
  }

  /**
   * Whether brokers recognise retries, so that none duplicates or reorders. By default true with
   * acks all, else false. Without it a retry may duplicate a batch, and put it behind the one after
   * it unless {@link #maxInFlightPerPartition} is 1.
   */
  public ProducerBuilder idempotent(boolean idempotent) {
    this.idempotent = idempotent;
    return this;
  }

  /**
   * The producer. It connects when first used.
   *
   * @throws IllegalArgumentException naming the setting that makes no sense
   */
  public Producer build() {
    return Producer.open(config());
  }

  ProducerConfig config() {
    return new ProducerConfig(
        ConnectionConfig.of(bootstrap)
            .withMetadataMaxAgeMs(metadataMaxAgeMs)
            .withWaitsForBrokers(waitForBrokers),
        acks,
        codec,
        lingerMs,
        lingersWhenIdle,
        batchBytes,
        bufferBytes,
        maxInFlightPerPartition,
        deliveryTimeoutMs,
        requestTimeoutMs,
        maxBlockMs,
        idempotent == null ? acks == Acks.ALL : idempotent);
  }
}
