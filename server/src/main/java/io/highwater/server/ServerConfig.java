package io.highwater.server;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.NettyTransport;
import io.highwater.replication.control.Feature;
import io.highwater.replication.control.LevelRange;
import io.highwater.server.config.CleanerConfig;
import io.highwater.server.config.ConfigKey;
import io.highwater.server.config.ConfigValues;
import io.highwater.server.config.ConnectionConfig;
import io.highwater.server.config.ControllerConfig;
import io.highwater.server.config.ListenerConfig;
import io.highwater.server.config.PlacementConfig;
import io.highwater.server.config.ReplicationConfig;
import io.highwater.server.config.RequestConfig;
import io.highwater.server.config.ScrubConfig;
import io.highwater.server.config.StorageConfig;
import io.highwater.server.config.TopicDefaults;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * A broker's whole configuration: one record per component.
 *
 * @param controller identity and quorum
 * @param listeners where to listen
 * @param storage the data directory
 * @param cleaner what compaction may take
 * @param scrub how fast damage is looked for
 * @param topics defaults of topics
 * @param replication replica streams and the session
 * @param placement racks, and where leaders are put
 * @param requests limits on clients' requests
 * @param connections limits on clients' connections and on what is buffered for readers
 * @param features levels that the software speaks, by feature
 */
public record ServerConfig(
    ControllerConfig controller,
    ListenerConfig listeners,
    StorageConfig storage,
    CleanerConfig cleaner,
    ScrubConfig scrub,
    TopicDefaults topics,
    ReplicationConfig replication,
    PlacementConfig placement,
    RequestConfig requests,
    ConnectionConfig connections,
    SortedMap<String, LevelRange> features) {
  /** gRPC's own limit, which record-level clients keep to. */
  private static final int DEFAULT_FRAME_BYTES = 4 << 20;

  /**
   * One reader gets a quarter of the memory at most, which must hold a batch and a record of it.
   */
  private static final int READER_FRAMES = 8;

  private static final int REQUEST_FRAMES = 8;

  /** Every key there is, in the order of the components. */
  public static final List<ConfigKey<?>> KEYS =
      Stream.of(
              ControllerConfig.KEYS,
              ListenerConfig.KEYS,
              StorageConfig.KEYS,
              CleanerConfig.KEYS,
              ScrubConfig.KEYS,
              TopicDefaults.KEYS,
              ReplicationConfig.KEYS,
              PlacementConfig.KEYS,
              RequestConfig.KEYS,
              ConnectionConfig.KEYS)
          .<ConfigKey<?>>flatMap(List::stream)
          .toList();

  /** Checks what concerns two components at once. */
  public ServerConfig {
    if (storage.segmentBytes() < topics.messageMaxBytes()) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "log.segment.bytes="
              + storage.segmentBytes()
              + ": must hold a batch of message.max.bytes="
              + topics.messageMaxBytes());
    }
  }

  /**
   * Parses a configuration. A key's value comes from the first of these that has it: flags,
   * environment, file, the default.
   *
   * @param file a properties file, or null
   * @param environment variables such as {@code HIGHWATER_LOG_DIRS}; others are passed over
   * @param flags values by key name
   * @throws HighwaterException INVALID_CONFIG for an unknown key of the file or flags (naming the
   *     nearest) or a bad value (naming key, value and range)
   */
  public static ServerConfig load(
      Path file, Map<String, String> environment, Map<String, String> flags) {
    ConfigValues values = ConfigValues.merge(KEYS, file, environment, flags);
    ControllerConfig controller = ControllerConfig.from(values);
    return new ServerConfig(
        controller,
        ListenerConfig.from(values, controller.ownVoter()),
        StorageConfig.from(values),
        CleanerConfig.from(values),
        ScrubConfig.from(values),
        TopicDefaults.from(values),
        ReplicationConfig.from(values),
        PlacementConfig.from(values),
        RequestConfig.from(values),
        ConnectionConfig.from(values),
        Feature.allSupported());
  }

  /** As software would that speaks these levels. For tests. */
  ServerConfig speaking(SortedMap<String, LevelRange> levels) {
    return new ServerConfig(
        controller,
        listeners,
        storage,
        cleaner,
        scrub,
        topics,
        replication,
        placement,
        requests,
        connections,
        levels);
  }

  /**
   * Largest message that the broker reads: one batch with what goes around it, or gRPC's default.
   */
  public int maxFrameBytes() {
    return Math.max(DEFAULT_FRAME_BYTES, NettyTransport.maxMessageBytes(topics.messageMaxBytes()));
  }

  /**
   * Bytes that may be on their way to readers; enough for several of the largest batches.
   *
   * @param maxMemoryBytes the largest heap; what lies outside of it may be as large
   */
  public long readerMemoryBytes(long maxMemoryBytes) {
    return Math.max(
        (long) (connections.readerMemoryRatio() * maxMemoryBytes),
        (long) READER_FRAMES * maxFrameBytes());
  }

  /**
   * Bytes of clients' messages that did not come whole yet; enough for several of the largest.
   *
   * @param maxMemoryBytes the largest heap; what lies outside of it may be as large
   */
  public long requestMemoryBytes(long maxMemoryBytes) {
    return Math.max(
        (long) (connections.requestMemoryRatio() * maxMemoryBytes),
        (long) REQUEST_FRAMES * maxFrameBytes());
  }

  /** A configuration from values by key name alone, e.g. for an embedded broker. */
  public static ServerConfig of(Map<String, String> values) {
    return load(null, Map.of(), values);
  }
}
