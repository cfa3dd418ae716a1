package io.highwater.server;

import io.highwater.log.LogDirectories;
import io.highwater.log.LogDirectory;
import io.highwater.log.SteadyClock;
import io.highwater.log.io.Storage;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.ratis.QuorumStorage;
import io.highwater.server.config.ControllerConfig;
import io.highwater.server.config.StorageConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's locked log directories: to which cluster they belong, and the logs once recovered.
 */
final class DataDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

  private final LogDirectories logs;
  private final String clusterId;
  private final boolean isNew;

  private DataDirectory(LogDirectories logs, String clusterId, boolean isNew) {
    this.logs = logs;
    this.clusterId = clusterId;
    this.isNew = isNew;
  }

  /**
   * Locks the directories and finds out to which cluster they belong: the one configured, else the
   * one they belonged to before, else, for a quorum of one, a new one.
   *
   * @param ids gives ids that were never given before
   * @throws HighwaterException INCONSISTENT_CLUSTER_ID when one belongs to another cluster than the
   *     one configured; INVALID_CONFIG when no cluster id can be found, or the metadata log; else
   *     as {@link LogDirectories#open}; the directories are let go then
   */
  static DataDirectory open(
      StorageConfig config,
      Storage storage,
      ControllerConfig controller,
      EpochClock wallClock,
      NanoClock nanoClock,
      Supplier<UUID> ids) {
    SteadyClock clock = new SteadyClock(wallClock, nanoClock);
    Path metadataRoot = config.metadataDir();
    LogDirectories logs =
        LogDirectories.open(
            config.logDirs(),
            metadataRoot,
            root -> LogDirectory.open(root, storage, clock, wallClock, controller.nodeId(), ids));
    try {
      requireMetadataLog(logs);
      boolean isNew = logs.clusterId().isEmpty();
      String clusterId = clusterId(logs.clusterId(), controller, ids);
      if (isNew && controller.isVoter() && !controller.standby()) {
        new QuorumStorage(storage, metadataRoot, clusterId).announceFirstStart();
      }
      logs.joinCluster(clusterId);
      return new DataDirectory(logs, clusterId, isNew);
    } catch (HighwaterException e) {
      logs.close();
      throw e;
    } catch (IOException e) {
      logs.close();
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          metadataRoot + " cannot be written: " + FaultText.of(e),
          e);
    }
  }

  /** Another order of the directories is a mistake, and not the loss of the metadata (CTL-4). */
  private static void requireMetadataLog(LogDirectories logs) {
    Path root = logs.metadata().root();
    for (LogDirectory other : logs.live()) {
      if (!Quorum.isKeptIn(root) && Quorum.isKeptIn(other.root())) {
        throw new HighwaterException(
            ErrorCode.INVALID_CONFIG,
            root
                + " has no metadata log, but "
                + other.root()
                + " has: name that one first in log.dirs, or in metadata.log.dir");
      }
    }
  }

  private static String clusterId(
      Optional<String> known, ControllerConfig controller, Supplier<UUID> ids) {
    if (!controller.clusterId().isEmpty()) {
      return controller.clusterId();
    }
    if (known.isEmpty() && !controller.isSingleNode()) {
      throw new HighwaterException(
          ErrorCode.INVALID_CONFIG,
          "cluster.id is not set: a cluster of several brokers needs the same one on each");
    }
    return known.orElseGet(() -> ids.get().toString());
  }

  LogDirectories logs() {
    return logs;
  }

  String clusterId() {
    return clusterId;
  }

  /** Whether it joined its cluster at this start. */
  boolean isNew() {
    return isNew;
  }

  /**
   * Opens, and after a crash recovers, the logs of all topics that the image knows, several at
   * once. A log that cannot be opened is left to whoever needs it, who hears why.
   */
  void recover(ClusterImage image, Executor ioPool, NanoClock clock) {
    long startNs = clock.nanoTime();
    List<CompletableFuture<Void>> recoveries = new ArrayList<>();
    Map<TopicPartition, Set<UUID>> partitions = logs.partitions();
    RecoveryProgress progress = new RecoveryProgress(partitions.size(), clock);
    partitions.forEach(
        (partition, topicIds) ->
            topicIds.stream()
                .map(image::topic)
                .filter(topic -> topic != null && topic.name().equals(partition.topic()))
                .findFirst()
                .ifPresentOrElse(
                    topic ->
                        recoveries.add(
                            CompletableFuture.runAsync(() -> recover(partition, topic), ioPool)
                                .thenRun(progress::opened)),
                    progress::opened));
    for (CompletableFuture<Void> recovery : recoveries) {
      recovery.join();
    }
    if (!recoveries.isEmpty()) {
      LOG.info(
          "opened {} logs in {} ms after {} shutdown",
          recoveries.size(),
          TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - startNs),
          logs.cleanShutdownEpoch().isPresent() ? "a clean" : "an unclean");
    }
  }

  private void recover(TopicPartition partition, TopicImage topic) {
    try {
      logs.openOrCreate(partition, topic.id(), Replicas.logConfig(topic));
    } catch (HighwaterException e) {
      LOG.error("{} cannot be opened: {}", partition, e.getMessage());
    }
  }
}
