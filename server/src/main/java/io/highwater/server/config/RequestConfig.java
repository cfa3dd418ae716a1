package io.highwater.server.config;

import java.util.List;

/**
 * Limits on what clients' requests may take.
 *
 * @param requestTimeoutMs how long an append waits for its replicas when the client does not say
 * @param streamWindowBytes record bytes that one produce stream may have in flight
 * @param fetchMaxBytes record bytes of one fetch reply, whatever the client asks
 * @param fetchMaxWaitMs longest long poll, whatever the client asks
 * @param ioThreads threads for reads from disk
 */
public record RequestConfig(
    int requestTimeoutMs,
    int streamWindowBytes,
    int fetchMaxBytes,
    int fetchMaxWaitMs,
    int ioThreads) {
  static final ConfigKey<Integer> REQUEST_TIMEOUT_MS =
      ConfigKey.ofInt(
          "request.timeout.ms", 30_000, 1, 3_600_000, "longest wait of an append for its replicas");
  static final ConfigKey<Integer> STREAM_WINDOW_BYTES =
      ConfigKey.ofInt(
          "produce.stream.window.bytes",
          32 << 20,
          1 << 16,
          1 << 30,
          "record bytes that one produce stream may have in flight");
  static final ConfigKey<Integer> FETCH_MAX_BYTES =
      ConfigKey.ofInt(
          "fetch.max.bytes", 32 << 20, 1 << 10, 1 << 30, "record bytes of one fetch reply");
  static final ConfigKey<Integer> FETCH_MAX_WAIT_MS =
      ConfigKey.ofInt("fetch.max.wait.ms", 60_000, 0, 3_600_000, "longest long poll");
  static final ConfigKey<Integer> IO_THREADS =
      ConfigKey.ofInt("num.io.threads", 4, 1, 256, "threads for reads from disk and recovery");

  /** This component's keys. */
  public static final List<ConfigKey<?>> KEYS =
      List.of(
          REQUEST_TIMEOUT_MS, STREAM_WINDOW_BYTES, FETCH_MAX_BYTES, FETCH_MAX_WAIT_MS, IO_THREADS);

  /** Reads this component's keys. */
  public static RequestConfig from(ConfigValues values) {
    return new RequestConfig(
        values.get(REQUEST_TIMEOUT_MS),
        values.get(STREAM_WINDOW_BYTES),
        values.get(FETCH_MAX_BYTES),
        values.get(FETCH_MAX_WAIT_MS),
        values.get(IO_THREADS));
  }
}
