package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.ReplicaPlacement;
import io.highwater.replication.control.TopicConfig;
import io.highwater.replication.control.TopicConfigs;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.config.StorageConfig;
import io.highwater.server.config.TopicDefaults;
import io.highwater.server.partition.TopicCatalog;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Creates and deletes topics: decides what the command says (ids, placement, defaults), submits it
 * and waits until it is in force here. On the owner loop; futures complete there.
 */
public final class TopicAdmin {
  private static final long IN_FORCE_TIMEOUT_MS = 10_000;

  private final TopicCatalog catalog;
  private final MetadataLog metadataLog;
  private final ImageWaiters images;
  private final OwnerLoop loop;
  private final TopicDefaults defaults;
  private final StorageConfig storage;
  private final Supplier<UUID> topicIds;

  /**
   * @param topicIds gives ids that were never given before
   */
  public TopicAdmin(
      TopicCatalog catalog,
      MetadataLog metadataLog,
      ImageWaiters images,
      OwnerLoop loop,
      TopicDefaults defaults,
      StorageConfig storage,
      Supplier<UUID> topicIds) {
    this.catalog = catalog;
    this.metadataLog = metadataLog;
    this.images = images;
    this.loop = loop;
    this.defaults = defaults;
    this.storage = storage;
    this.topicIds = topicIds;
  }

  /**
   * Creates a topic.
   *
   * @param partitions 0 means num.partitions
   * @param replicationFactor 0 means default.replication.factor
   * @return the topic as it is in force; fails with a HighwaterException
   */
  public CompletableFuture<TopicImage> create(
      String name, int partitions, int replicationFactor, Map<String, String> configs) {
    ClusterImage image = catalog.image();
    if (image.topic(name) != null) {
      return CompletableFuture.failedFuture(
          new HighwaterException(
              ErrorCode.TOPIC_ALREADY_EXISTS, "topic '" + name + "' exists already"));
    }
    MetadataCommand.CreateTopic command;
    try {
      Map<String, String> settings = withDefaults(configs);
      List<List<Integer>> assignments =
          ReplicaPlacement.place(
              image,
              partitions == 0 ? defaults.partitions() : partitions,
              replicationFactor == 0 ? defaults.replicationFactor() : replicationFactor,
              name.hashCode());
      command = new MetadataCommand.CreateTopic(name, topicIds.get(), assignments, settings);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
    return submit(command).thenApply(done -> catalog.topic(command.topicId(), name));
  }

  /**
   * Deletes a topic.
   *
   * @return the id of the topic that is gone; fails with a HighwaterException
   */
  public CompletableFuture<UUID> delete(String name) {
    TopicImage topic = catalog.image().topic(name);
    if (topic == null) {
      return CompletableFuture.failedFuture(
          new HighwaterException(
              ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'"));
    }
    return submit(new MetadataCommand.DeleteTopic(topic.id())).thenApply(done -> topic.id());
  }

  private CompletableFuture<Void> submit(MetadataCommand command) {
    return metadataLog
        .submit(command)
        .thenApply(CommandResult::orThrow)
        .thenComposeAsync(
            accepted -> images.await(accepted.index(), IN_FORCE_TIMEOUT_MS), loop::execute);
  }

  /** What a topic does not say is fixed at its creation, so that all its replicas agree. */
  private Map<String, String> withDefaults(Map<String, String> configs) {
    Optional<String> problem = TopicConfigs.problem(configs);
    if (problem.isPresent()) {
      throw new HighwaterException(ErrorCode.INVALID_CONFIG, problem.get());
    }
    Map<String, String> settings = new TreeMap<>(configs);
    fill(settings, TopicConfigs.MIN_INSYNC_REPLICAS, defaults.minInsyncReplicas());
    fill(settings, TopicConfigs.MAX_MESSAGE_BYTES, defaults.messageMaxBytes());
    fill(settings, TopicConfigs.SEGMENT_BYTES, storage.segmentBytes());
    fill(settings, TopicConfigs.SEGMENT_MS, storage.rollMs());
    fill(settings, TopicConfigs.INDEX_INTERVAL_BYTES, storage.indexIntervalBytes());
    fill(settings, TopicConfigs.SEGMENT_INDEX_BYTES, storage.indexMaxBytes());
    defaults.logs().fillIn(settings);
    checkSizes(settings);
    return settings;
  }

  private static void fill(Map<String, String> settings, TopicConfig<?> config, long value) {
    String text = Long.toString(value);
    if (!text.equals(config.defaultText())) {
      settings.putIfAbsent(config.name(), text);
    }
  }

  private void checkSizes(Map<String, String> settings) {
    int maxMessageBytes = TopicConfigs.MAX_MESSAGE_BYTES.in(settings);
    if (maxMessageBytes > defaults.messageMaxBytes()) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          TopicConfigs.MAX_MESSAGE_BYTES.name()
              + "="
              + maxMessageBytes
              + ": must be at most the broker's message.max.bytes="
              + defaults.messageMaxBytes());
    }
    if (maxMessageBytes > TopicConfigs.SEGMENT_BYTES.in(settings)) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          TopicConfigs.SEGMENT_BYTES.name()
              + " must hold at least one batch of "
              + TopicConfigs.MAX_MESSAGE_BYTES.name()
              + "="
              + maxMessageBytes);
    }
  }
}
