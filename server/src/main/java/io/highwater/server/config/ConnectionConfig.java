package io.highwater.server.config;

import java.util.List;

/**
 * Limits on connections of clients and on what is buffered for readers.
 *
 * @param maxConnections of clients, from all addresses; more are refused
 * @param maxConnectionsPerIp from one address
 * @param maxStreamsPerConnection calls under way on one connection; more wait at the client
 * @param maxIdleMs a connection without a call ends after this
 * @param readerMemoryRatio part of the process's memory that readers may hold
 */
public record ConnectionConfig(
    int maxConnections,
    int maxConnectionsPerIp,
    int maxStreamsPerConnection,
    long maxIdleMs,
    double readerMemoryRatio) {
  static final ConfigKey<Integer> MAX_CONNECTIONS =
      ConfigKey.ofInt(
          "max.connections", 4_000, 1, Integer.MAX_VALUE, "connections of clients, in all");
  static final ConfigKey<Integer> MAX_CONNECTIONS_PER_IP =
      ConfigKey.ofInt(
          "max.connections.per.ip",
          Integer.MAX_VALUE,
          1,
          Integer.MAX_VALUE,
          "connections of clients from one address");
  static final ConfigKey<Integer> MAX_STREAMS_PER_CONNECTION =
      ConfigKey.ofInt(
          "max.streams.per.connection",
          1_000,
          1,
          Integer.MAX_VALUE,
          "calls under way on one connection of a client; more wait");
  static final ConfigKey<Long> MAX_IDLE_MS =
      ConfigKey.ofLong(
          "connections.max.idle.ms",
          600_000,
          1_000,
          Long.MAX_VALUE,
          "a client's connection without a call ends after this");
  static final ConfigKey<Double> READER_MEMORY_RATIO =
      ConfigKey.ofRatio(
          "reader.memory.ratio",
          0.25,
          "what readers may hold, as part of the largest heap; an address half of it");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          MAX_CONNECTIONS,
          MAX_CONNECTIONS_PER_IP,
          MAX_STREAMS_PER_CONNECTION,
          MAX_IDLE_MS,
          READER_MEMORY_RATIO);

  /** Reads this component's keys. */
  public static ConnectionConfig from(ConfigValues values) {
    return new ConnectionConfig(
        values.get(MAX_CONNECTIONS),
        values.get(MAX_CONNECTIONS_PER_IP),
        values.get(MAX_STREAMS_PER_CONNECTION),
        values.get(MAX_IDLE_MS),
        values.get(READER_MEMORY_RATIO));
  }
}
