package io.highwater.client.consumer;

import io.highwater.client.ConnectionConfig;

/** Settings of a {@link Consumer}, checked by {@link #build()}. */
public final class ConsumerBuilder {
  private String bootstrap = ConnectionConfig.DEFAULT_BOOTSTRAP;
  private boolean waitForBrokers = true;
  private OffsetReset reset = OffsetReset.FAIL;
  private long bufferBytes = 8L * 1024 * 1024;
  private int maxPollBytes = 1024 * 1024;
  private int maxBatchBytes = 64 * 1024 * 1024;
  private String rack = "";
  private CorruptRecords corruptRecords = CorruptRecords.FAIL;

  ConsumerBuilder() {}

  /** Brokers to begin with, {@code host:port[,…]}; by default 127.0.0.1:7450. */
  public ConsumerBuilder bootstrap(String addresses) {
    this.bootstrap = addresses;
    return this;
  }

  /** What to do when a position is gone; by default {@link OffsetReset#FAIL}. */
  public ConsumerBuilder offsetReset(OffsetReset reset) {
    this.reset = reset;
    return this;
  }

  /** Bytes read ahead of {@code poll}, per broker; one batch may exceed it. By default 8 MiB. */
  public ConsumerBuilder bufferBytes(long bufferBytes) {
    this.bufferBytes = bufferBytes;
    return this;
  }

  /** Stored bytes that one poll returns; one batch may exceed it. By default 1 MiB. */
  public ConsumerBuilder maxPollBytes(int maxPollBytes) {
    this.maxPollBytes = maxPollBytes;
    return this;
  }

  /** The most that one batch may inflate to before it is refused; by default 64 MiB. */
  public ConsumerBuilder maxBatchBytes(int maxBatchBytes) {
    this.maxBatchBytes = maxBatchBytes;
    return this;
  }

  /**
   * Where the consumer is ({@code client.rack}, KIP-392): a partition is read from an in-sync
   * replica whose {@code broker.rack} is the same, if there is one. Records may come a little later
   * from there; offsets are still looked up at the leader. By default empty: read from leaders.
   */
  public ConsumerBuilder clientRack(String rack) {
    this.rack = rack;
    return this;
  }

  /**
   * Whether calls wait for a broker to come up, as long as they may take, when none can be reached;
   * by default true. Else they fail with BROKER_NOT_AVAILABLE within a second or two.
   */
  public ConsumerBuilder waitForBrokers(boolean waitForBrokers) {
    this.waitForBrokers = waitForBrokers;
    return this;
  }

  /**
   * What an iteration does where the records of a batch cannot be read; by default {@link
   * CorruptRecords#FAIL}.
   */
  public ConsumerBuilder corruptRecords(CorruptRecords policy) {
    this.corruptRecords = policy;
    return this;
  }

  /**
   * The consumer. It connects when first used.
   *
   * @throws IllegalArgumentException naming the setting that makes no sense
   */
  public Consumer build() {
    return Consumer.open(
        new ConsumerConfig(
            ConnectionConfig.of(bootstrap).withWaitsForBrokers(waitForBrokers),
            reset,
            bufferBytes,
            maxPollBytes,
            maxBatchBytes,
            rack,
            corruptRecords));
  }
}
