package io.highwater.log;

import io.highwater.log.io.StorageLockedException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log directories of one broker, on disks of their own (KIP-112). A partition is in one of
 * them, a new one goes to where the fewest are. A directory that fails is offline until restart
 * with everything in it; the others go on. One of them holds the metadata log as well: without that
 * nothing does. Threads as for {@link LogDirectory}.
 */
public final class LogDirectories implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);

  private final LogDirectory metadata;
  private final List<LogDirectory> data;

  /** Directories that did not open or are missing, and why. */
  private final Map<String, String> unavailable = new LinkedHashMap<>();

  private final CommonRun lastRun;
  private final PartitionPlacement placement = new PartitionPlacement();
  private final KnownDirectories known;

  private LogDirectories(
      LogDirectory metadata, List<LogDirectory> data, Map<Path, String> unopened) {
    this.metadata = metadata;
    this.data = List.copyOf(data);
    unopened.forEach((root, why) -> unavailable.put(root.toString(), why));
    requireDifferent();
    this.known = new KnownDirectories(metadata, data);
    data.stream().filter(directory -> !known.isReturned(directory)).forEach(this::find);
    reportMissing(unopened.isEmpty());
    data.stream().filter(known::isReturned).forEach(this::find);
    requireOneLive();
    if (unavailable.isEmpty()) {
      known.settle();
    }
    this.lastRun = new CommonRun(metadata, live(), known);
    lastRun.tellDiffering();
    // Should this start fail, the next may not see any more why it was none.
    if (killedEpoch().isEmpty()) {
      metadata.forgetLastRun();
    } else if (cleanShutdownEpoch().isEmpty()) {
      metadata.forgetCleanShutdown();
    }
    known.write(cleanShutdownEpoch());
  }

  /** A single directory for everything; closed with this. */
  public static LogDirectories of(LogDirectory directory) {
    return new LogDirectories(directory, List.of(directory), Map.of());
  }

  /**
   * Opens the directories. One that cannot be read is left out, as if it failed later on, unless it
   * is the one of the metadata log or nothing else is left.
   *
   * @param roots where the partitions are, different ones
   * @param metadataRoot where the metadata log is, one of them or another
   * @param opener as {@link LogDirectory#open}
   * @throws HighwaterException KAFKA_STORAGE_ERROR also when a topic's partition is in two of them,
   *     or when another process uses one; INVALID_CONFIG when one belongs to another node or is a
   *     copy of another. All are let go then
   */
  public static LogDirectories open(
      List<Path> roots, Path metadataRoot, Function<Path, LogDirectory> opener) {
    Map<Path, LogDirectory> opened = new LinkedHashMap<>();
    try {
      // The metadata log's first: without it the others need not be touched.
      Set<Path> all = new LinkedHashSet<>(List.of(metadataRoot));
      all.addAll(roots);
      Map<Path, String> unopened = new LinkedHashMap<>();
      HighwaterException failure = null;
      for (Path root : all) {
        try {
          opened.put(root, opener.apply(root));
        } catch (HighwaterException e) {
          if (root.equals(metadataRoot) || !isIsolated(e)) {
            throw e;
          }
          unopened.put(root, e.getMessage());
          failure = e;
        }
      }
      List<LogDirectory> data =
          roots.stream().filter(opened::containsKey).map(opened::get).toList();
      if (data.isEmpty() && failure != null) {
        throw failure;
      }
      unopened.forEach(
          (root, reason) -> LOG.error("the partitions in {} are offline: {}", root, reason));
      return new LogDirectories(opened.get(metadataRoot), data, unopened);
    } catch (RuntimeException e) {
      opened.values().forEach(LogDirectory::close);
      throw e;
    }
  }

  /** A disk may fail alone; a mistake of the operator's concerns the whole broker. */
  private static boolean isIsolated(HighwaterException e) {
    return (e.code() == ErrorCode.KAFKA_STORAGE_ERROR || e.code() == ErrorCode.STORAGE_FULL)
        && !(e.getCause() instanceof StorageLockedException);
  }

  private void requireDifferent() {
    Map<UUID, Path> roots = new HashMap<>();
    for (LogDirectory directory : all()) {
      Path other = roots.putIfAbsent(directory.directoryId(), directory.root());
      if (other != null) {
        throw new HighwaterException(
            ErrorCode.INVALID_CONFIG,
            other + " and " + directory.root() + " have the same directory.id: one is a copy");
      }
    }
  }

  /** What opened may fail when it is listed. */
  private void requireOneLive() {
    if (isOffline()) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          "no log directory can be used: "
              + unavailable.entrySet().stream()
                  .map(directory -> directory.getKey() + ": " + directory.getValue())
                  .collect(Collectors.joining("; ")));
    }
  }

  private void find(LogDirectory directory) {
    try {
      Map<TopicPartition, Optional<UUID>> partitions = directory.partitions();
      partitions.forEach((partition, topicId) -> find(partition, topicId, directory));
      if (!partitions.isEmpty() || directory.hasCheckpoints()) {
        known.use(directory);
      }
      if (known.isReturned(directory) && !unavailable.isEmpty()) {
        LOG.warn(
            "{} is back, which had been given up as lost, but not {}, where what it holds may have"
                + " been begun anew: what is only here is offline until that is back",
            directory.root(),
            unavailable.keySet());
      }
    } catch (HighwaterException e) {
      if (!directory.health().isOffline()) {
        throw e;
      }
      unavailable.put(directory.root().toString(), e.getMessage()); // Nobody knows what is in it.
    }
  }

  /**
   * REC-7: what was begun anew since a directory was given up is newer than what that holds. While
   * another is not there it may be in that one: what is here is as good as not found.
   */
  private void find(TopicPartition partition, Optional<UUID> topicId, LogDirectory directory) {
    boolean begunAnew =
        known.isReturned(directory)
            && topicId.isPresent()
            && placement.found(partition).contains(topicId.get());
    if (!begunAnew) {
      if (!known.isReturned(directory) || unavailable.isEmpty()) {
        placement.found(partition, topicId, directory);
      }
      return;
    }
    LogDirectory newer = placement.get(partition, topicId.get());
    LOG.warn(
        "{} is both in {} ({}) and in {} ({}), which had been given up as lost: that is the older"
            + " copy, and is set aside there",
        partition,
        newer.root(),
        newer.progressOf(partition),
        directory.root(),
        directory.progressOf(partition));
    directory.setAside(partition, topicId.get());
  }

  /** REC-7: empty logs in the place of what a missing one held would pass for all there was. */
  private void reportMissing(boolean allOpened) {
    for (UUID id : known.missing()) {
      unavailable.put("the one with id " + id, "it is missing");
      if (allOpened) { // Else it is, most likely, the one that did not open.
        LOG.error(
            "the log directory with id {} is missing: what it held is offline. Bring it back and"
                + " restart; or, if it is lost for good, stop the broker and say 'highwater storage"
                + " format --data {} --accept-directory-loss {}'",
            id,
            metadata.root(),
            id);
      }
    }
  }

  /** Where the metadata log is. */
  public LogDirectory metadata() {
    return metadata;
  }

  /** Those that hold partitions and did not fail. */
  public List<LogDirectory> live() {
    return data.stream().filter(directory -> !directory.health().isOffline()).toList();
  }

  /** Whether nothing can be served any more: the metadata log's failed, or all others did. */
  public boolean isOffline() {
    return metadata.health().isOffline() || live().isEmpty();
  }

  /** Whether the directory that holds, or may hold, a partition is offline. */
  public boolean isOffline(TopicPartition partition) {
    LogDirectory directory = placement.get(partition);
    return directory == null ? !unavailable.isEmpty() : directory.health().isOffline();
  }

  private Collection<LogDirectory> all() {
    Set<LogDirectory> all = new LinkedHashSet<>(data);
    all.add(metadata);
    return all;
  }

  /** The cluster they belong to, once that is known. */
  public Optional<String> clusterId() {
    return all().stream().map(LogDirectory::clusterId).flatMap(Optional::stream).findFirst();
  }

  /**
   * Makes them belong to a cluster; durable on return.
   *
   * @throws HighwaterException as {@link LogDirectory#joinCluster}, when that leaves none
   */
  public void joinCluster(String clusterId) {
    for (LogDirectory directory : all()) {
      try {
        directory.joinCluster(clusterId);
      } catch (HighwaterException e) {
        if (!directory.health().isOffline() || isOffline()) {
          throw e;
        }
      }
    }
  }

  /**
   * The broker epoch of the clean shutdown before this start; empty when one of the directories
   * that are there was not closed with it, or one was given up since (ISR-4).
   */
  public OptionalLong cleanShutdownEpoch() {
    return lastRun.cleanShutdownEpoch();
  }

  /**
   * The broker epoch of the process before, if that was killed, or stopped cleanly, and all that it
   * wrote to those of the directories that are there is in them (REC-8); empty where that may be
   * otherwise.
   */
  public OptionalLong killedEpoch() {
    return lastRun.killedEpoch();
  }

  /**
   * How the process before ended for those of the directories that are as it left them, where
   * others are of another time, such as older copies: then neither {@link #cleanShutdownEpoch} nor
   * {@link #killedEpoch} says anything. Empty else.
   */
  public Optional<PartialRun> partialRun() {
    return lastRun.isPartial()
        ? Optional.of(
            new PartialRun(
                lastRun.partialCleanEpoch(),
                lastRun.partialKilledEpoch(),
                placement.in(lastRun::isKnownOf)))
        : Optional.empty();
  }

  /** Nothing is known any more of what was written to those that failed. Waits for the disk. */
  public void forgetFailed() {
    all().stream().filter(d -> d.health().isOffline()).forEach(LogDirectory::forgetRun);
  }

  /** As {@link LogDirectory#registered}, in every directory that did not fail. */
  public void registered(long brokerEpoch) {
    for (LogDirectory directory : all()) {
      if (!directory.health().isOffline()) {
        directory.registered(brokerEpoch);
      }
    }
    known.registered(cleanShutdownEpoch());
  }

  /**
   * The partitions found when these were opened, with the topics that they belong to: none where it
   * could not be read, several where one was deleted while its directory was offline and another of
   * its name created since.
   */
  public Map<TopicPartition, Set<UUID>> partitions() {
    return placement.found();
  }

  /** The open logs of directories that did not fail, of one moment. */
  public Collection<PartitionLog> logs() {
    List<PartitionLog> logs = new ArrayList<>();
    live().forEach(directory -> logs.addAll(directory.logs()));
    return logs;
  }

  /**
   * Refuses a partition that is nowhere, but may be in a directory that could not be opened or is
   * missing: created again it would be empty (REC-7). What another topic of its name left here is
   * not it, nor what is in a directory that returned after it had been given up.
   *
   * @throws AbsentLogException KAFKA_STORAGE_ERROR
   */
  public void requireFound(TopicPartition partition, UUID topicId) {
    Set<UUID> topics = placement.found(partition);
    boolean anothers = !topics.isEmpty() && !topics.contains(topicId);
    if (!unavailable.isEmpty() && (placement.get(partition) == null || anothers)) {
      throw absent(partition);
    }
  }

  private AbsentLogException absent(TopicPartition partition) {
    return new AbsentLogException(
        partition + " may be in a log directory that is offline: " + unavailable.keySet());
  }

  /**
   * Refuses a partition that was not found, but had records when it was last written down: created
   * again it would be empty, and pass for all that there was (REC-3). One of which the topic does
   * not read may be it.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR, also when what is there is another partition's
   *     by its own word
   */
  public void requireNotLost(TopicPartition partition, UUID topicId) {
    boolean somethingIsThere = placement.get(partition) != null;
    Set<UUID> topics = placement.found(partition);
    if (somethingIsThere && (topics.isEmpty() || topics.contains(topicId))) {
      return;
    }
    if (somethingIsThere) {
      placement.get(partition).requireName(partition);
    }
    for (LogDirectory directory : live()) {
      if (directory.hadRecords(partition)) {
        throw new HighwaterException(
            ErrorCode.KAFKA_STORAGE_ERROR,
            partition
                + " had records in "
                + directory.root()
                + (somethingIsThere
                    ? ", where only topics " + topics + " are found, not " + topicId
                    : ", and its directory is gone"));
      }
    }
  }

  /**
   * Whether all that was here at the last opening could be found.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void requireAllOpen() {
    if (!unavailable.isEmpty()) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR, "log directories are offline: " + unavailable.keySet());
    }
  }

  /**
   * Opens or creates a log.
   *
   * @throws HighwaterException as {@link LogDirectory#openOrCreate}; KAFKA_STORAGE_ERROR when its
   *     directory is offline
   */
  public PartitionLog openOrCreate(TopicPartition partition, UUID topicId, LogConfig config) {
    LogDirectory directory = place(partition);
    use(directory);
    return directory.openOrCreate(partition, topicId, config);
  }

  /** REC-7: nothing new comes to where an older copy of it may be, or be taken for one later on. */
  private LogDirectory place(TopicPartition partition) {
    List<LogDirectory> live = live();
    List<LogDirectory> choice = live.stream().filter(d -> !known.isDoubtful(d)).toList();
    if (choice.isEmpty() && !live.isEmpty() && placement.get(partition) == null) {
      throw absent(partition);
    }
    return placement.place(partition, live.isEmpty() ? data : choice);
  }

  /** From here on it is missed when it is not there (REC-7). */
  private void use(LogDirectory directory) {
    if (known.use(directory)) {
      known.write(cleanShutdownEpoch());
    }
  }

  /**
   * As {@link LogDirectory#createDirectories}, where {@link #openOrCreate} will look for them.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR. Some may have been made
   */
  public void createDirectories(Map<TopicPartition, UUID> partitions) {
    Map<LogDirectory, Map<TopicPartition, UUID>> places = new LinkedHashMap<>();
    partitions.forEach(
        (partition, topicId) ->
            places
                .computeIfAbsent(place(partition), unused -> new LinkedHashMap<>())
                .put(partition, topicId));
    places.keySet().forEach(this::use);
    places.forEach(LogDirectory::createDirectories);
  }

  /** The log of a partition, if it is open in a directory that did not fail. Waits for nothing. */
  public Optional<PartitionLog> opened(TopicPartition partition) {
    LogDirectory directory = placement.get(partition);
    return directory == null || directory.health().isOffline()
        ? Optional.empty()
        : directory.get(partition);
  }

  /**
   * As {@link LogDirectory#delete}. All go that can.
   *
   * @param gone hears of those that are nowhere any more
   * @throws HighwaterException KAFKA_STORAGE_ERROR also when one is, or may be, in a directory that
   *     is offline
   */
  public void delete(
      Collection<TopicPartition> partitions, UUID topicId, Consumer<TopicPartition> gone) {
    HighwaterException failure = null;
    Map<LogDirectory, List<TopicPartition>> places = new LinkedHashMap<>();
    for (TopicPartition partition : partitions) {
      LogDirectory directory = placement.get(partition, topicId);
      if (directory != null) {
        places.computeIfAbsent(directory, unused -> new ArrayList<>()).add(partition);
      } else if (unavailable.isEmpty()) {
        gone.accept(partition);
      } else {
        failure = absent(partition);
      }
    }
    for (Map.Entry<LogDirectory, List<TopicPartition>> each : places.entrySet()) {
      try {
        each.getKey().health().check();
        each.getKey().delete(each.getValue(), topicId);
      } catch (HighwaterException e) {
        failure = e;
        continue;
      }
      for (TopicPartition partition : each.getValue()) {
        placement.remove(partition, topicId);
        gone.accept(partition);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * As {@link LogDirectory#setAside}; one that is nowhere need not be found any more.
   *
   * @return whether it was anywhere
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public boolean setAside(TopicPartition partition, UUID topicId) {
    LogDirectory directory = placement.get(partition, topicId);
    if (directory != null) {
      directory.setAside(partition, topicId);
      placement.remove(partition, topicId);
    } else {
      live().forEach(root -> root.forget(partition));
    }
    return directory != null;
  }

  /**
   * As {@link LogDirectory#setDamagedAside}; the partition keeps its place. One that is nowhere
   * need not be found any more.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void setDamagedAside(TopicPartition partition, UUID topicId) {
    LogDirectory directory = placement.get(partition);
    if (directory != null) {
      directory.setDamagedAside(partition, topicId);
    } else {
      live().forEach(root -> root.forget(partition));
    }
  }

  /**
   * As {@link LogDirectory#setDifferingAside}; the partition keeps its place.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void setDifferingAside(TopicPartition partition, UUID topicId) {
    LogDirectory directory = placement.get(partition);
    if (directory != null) {
      directory.setDifferingAside(partition, topicId);
    }
  }

  /**
   * The partitions of which damaged or differing logs lie aside, in directories that did not fail.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public Set<TopicIdPartition> damagedAside() {
    Set<TopicIdPartition> aside = new LinkedHashSet<>();
    live().forEach(directory -> aside.addAll(directory.damagedAside()));
    return aside;
  }

  /**
   * As {@link LogDirectory#checkpointedHighWatermark}; empty when the partition may be in a
   * directory that could not be opened, or is missing.
   */
  public Optional<EpochEnd> checkpointedHighWatermark(TopicPartition partition) {
    LogDirectory directory = placement.get(partition);
    if (directory == null && !unavailable.isEmpty()) {
      return Optional.empty();
    }
    return (directory == null ? live().stream() : Stream.of(directory))
        .map(root -> root.checkpointedHighWatermark(partition))
        .max(Comparator.comparingLong(EpochEnd::endOffset));
  }

  /**
   * Closes every directory as {@link LogDirectory#closeCleanly}; those that failed get no marker.
   *
   * @throws HighwaterException when that fails for one that was sound until now
   */
  public void closeCleanly(long brokerEpoch) {
    HighwaterException failure = null;
    for (LogDirectory directory : all()) {
      try {
        if (directory.health().isOffline()) {
          directory.close();
        } else {
          directory.closeCleanly(brokerEpoch);
        }
      } catch (HighwaterException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** As {@link LogDirectory#close}. */
  @Override
  public void close() {
    all().forEach(LogDirectory::close);
  }
}
