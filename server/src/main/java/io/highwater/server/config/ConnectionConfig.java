package io.highwater.server.config;

import java.util.List;

/**
 * Limits on connections of clients, on what is buffered for readers and of requests.
 *
 * @param maxConnections of clients, from all addresses; more are refused
 * @param maxConnectionsPerIp from one address
 * @param maxStreamsPerConnection calls under way on one connection; more wait at the client
 * @param maxIdleMs a connection without a call ends after this
 * @param readerMemoryRatio part of the process's memory that readers may hold
 * @param requestMemoryRatio part that messages may hold that did not come whole
 * @param maxReceiveMs until then a message has come whole
 */
public record ConnectionConfig(
    int maxConnections,
    int maxConnectionsPerIp,
    int maxStreamsPerConnection,
    long maxIdleMs,
    double readerMemoryRatio,
    double requestMemoryRatio,
    long maxReceiveMs) {
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

  static final ConfigKey<Double> REQUEST_MEMORY_RATIO =
      ConfigKey.ofRatio(
          "request.memory.ratio",
          0.25,
          "what clients' messages may hold before they are whole, as part of the largest heap; a"
              + " connection a quarter of it");
  static final ConfigKey<Long> MAX_RECEIVE_MS =
      ConfigKey.ofLong(
          "request.receive.timeout.ms",
          30_000,
          1_000,
          3_600_000,
          "a client's message has come whole by then, or its call ends");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          MAX_CONNECTIONS,
          MAX_CONNECTIONS_PER_IP,
          MAX_STREAMS_PER_CONNECTION,
          MAX_IDLE_MS,
          READER_MEMORY_RATIO,
          REQUEST_MEMORY_RATIO,
          MAX_RECEIVE_MS);

  /** Reads this component's keys. */
  public static ConnectionConfig from(ConfigValues values) {
    return new ConnectionConfig(
        values.get(MAX_CONNECTIONS),
        values.get(MAX_CONNECTIONS_PER_IP),
        values.get(MAX_STREAMS_PER_CONNECTION),
        values.get(MAX_IDLE_MS),
        values.get(READER_MEMORY_RATIO),
        values.get(REQUEST_MEMORY_RATIO),
        values.get(MAX_RECEIVE_MS));
  }
}
