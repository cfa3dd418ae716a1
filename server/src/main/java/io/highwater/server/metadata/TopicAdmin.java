package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.MetadataCommand;
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
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Creates, changes and deletes topics: decides what the command says (ids, placement, defaults),
 * submits it and waits until it is in force here. On the owner loop; futures complete there.
 */
public final class TopicAdmin {
  private final TopicCatalog catalog;
  private final MetadataCommands commands;
  private final TopicDefaults defaults;
  private final StorageConfig storage;
  private final Supplier<UUID> topicIds;

  /**
   * @param topicIds gives ids that were never given before
   */
  public TopicAdmin(
      TopicCatalog catalog,
      MetadataCommands commands,
      TopicDefaults defaults,
      StorageConfig storage,
      Supplier<UUID> topicIds) {
    this.catalog = catalog;
    this.commands = commands;
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
              0,
              partitions == 0 ? defaults.partitions() : partitions,
              replicationFactor == 0 ? defaults.replicationFactor() : replicationFactor,
              name.hashCode());
      command = new MetadataCommand.CreateTopic(name, topicIds.get(), assignments, settings);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
    return commands
        .submit(command)
        .thenCompose(done -> MetadataCommands.rest(inForce(command.topicId(), name)));
  }

  private CompletableFuture<TopicImage> inForce(UUID topicId, String name) {
    try {
      return CompletableFuture.completedFuture(catalog.topic(topicId, name));
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Deletes a topic.
   *
   * @return the id of the topic that is gone; fails with a HighwaterException
   */
  public CompletableFuture<UUID> delete(String name) {
    return with(
        name,
        topic ->
            commands
                .submit(new MetadataCommand.DeleteTopic(topic.id()))
                .thenApply(done -> topic.id()));
  }

  /**
   * Changes settings of a topic.
   *
   * @param delete keys that get their default again
   * @param dryRun only says what they would be
   * @return the topic as it is in force, or would be; fails with a HighwaterException
   */
  public CompletableFuture<TopicImage> alter(
      String name, Map<String, String> set, List<String> delete, boolean dryRun) {
    return with(
        name,
        topic -> {
          Map<String, String> configs = new TreeMap<>(topic.configs());
          configs.keySet().removeAll(delete);
          configs.putAll(set);
          check(configs);
          checkSizes(configs);
          var command = new MetadataCommand.AlterTopicConfigs(topic.id(), set, delete);
          return dryRun
              ? CompletableFuture.completedFuture(rehearsed(command))
              : commands
                  .submit(command)
                  .thenCompose(done -> MetadataCommands.rest(inForce(topic.id(), name)));
        });
  }

  /** The topic as the command would leave it, by the log's own rules. */
  private TopicImage rehearsed(MetadataCommand.AlterTopicConfigs command) {
    ClusterState rehearsal = new ClusterState(catalog.image());
    var unused = rehearsal.apply(catalog.image().index() + 1, command).orThrow();
    return rehearsal.image().topic(command.topicId());
  }

  /**
   * Gives a topic more partitions, with as many replicas as its first has.
   *
   * @param partitions how many it has then
   * @param dryRun only says where they would go
   * @return replicas of all partitions in their order; fails with a HighwaterException
   */
  public CompletableFuture<TopicGrowth> addPartitions(String name, int partitions, boolean dryRun) {
    return with(
        name,
        topic -> {
          int present = topic.partitions().size();
          if (partitions <= present) {
            throw new HighwaterException(
                ErrorCode.INVALID_PARTITIONS,
                "topic '" + name + "' has " + present + " partitions already and only grows");
          }
          List<List<Integer>> assignments =
              ReplicaPlacement.place(
                  catalog.image(),
                  present,
                  partitions - present,
                  topic.partition(0).targetReplicas().size(),
                  name.hashCode());
          TopicGrowth growth = new TopicGrowth(topic, assignments);
          return dryRun
              ? CompletableFuture.completedFuture(growth)
              : commands
                  .submit(new MetadataCommand.AddPartitions(topic.id(), present, assignments))
                  .thenApply(done -> growth);
        });
  }

  private <T> CompletableFuture<T> with(
      String name, Function<TopicImage, CompletableFuture<T>> action) {
    try {
      return action.apply(catalog.topic(null, name));
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What a topic does not say is fixed at its creation, so that all its replicas agree. */
  private Map<String, String> withDefaults(Map<String, String> configs) {
    check(configs);
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

  private static void check(Map<String, String> configs) {
    Optional<String> problem = TopicConfigs.problem(configs);
    if (problem.isPresent()) {
      throw new HighwaterException(ErrorCode.INVALID_CONFIG, problem.get());
    }
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
