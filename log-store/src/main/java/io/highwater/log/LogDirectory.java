package io.highwater.log;

import io.highwater.log.checkpoint.CleanShutdown;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.Storage;
import io.highwater.log.recover.LastStop;
import io.highwater.log.segment.OpenSegments;
import io.highwater.log.space.SpaceLimits;
import io.highwater.log.verify.ForeignSegments;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.agrona.concurrent.EpochClock;

/**
 * A data directory and the partition logs in it. One process holds it at a time (FEN-3). Opening,
 * deleting and checkpointing may run on any thread and wait for the disk; one partition is handled
 * by one thread at a time. Logs of different partitions may be opened in parallel.
 */
public final class LogDirectory implements AutoCloseable {
  private final Path root;
  private final Storage storage;
  private final EpochClock clock;
  private final EpochClock wallClock;
  private final DirectoryIdentity identity;
  private final DirectoryHealth health;
  private final LogsAside aside;
  private final OpenSegments openSegments = new OpenSegments(OpenSegments.DEFAULT_MAX_COUNT);
  private final DirectoryCheckpoints checkpoints;
  private final OptionalLong cleanShutdownEpoch;
  private final BrokerRun brokerRun;
  private final Map<TopicPartition, PartitionLog> open = new ConcurrentHashMap<>();
  private final Set<TopicPartition> foreign = ConcurrentHashMap.newKeySet();
  private final Object marker = new Object();
  private volatile boolean inUse;

  private LogDirectory(
      Path root,
      Storage storage,
      EpochClock clock,
      EpochClock wallClock,
      DirectoryIdentity identity)
      throws IOException {
    this.root = root;
    this.storage = storage;
    this.clock = clock;
    this.wallClock = wallClock;
    this.identity = identity;
    this.health = new DirectoryHealth(root);
    this.aside = new LogsAside(root, storage);
    this.checkpoints = DirectoryCheckpoints.load(storage, root, directoryId());
    this.brokerRun = BrokerRun.after(storage, root);
    this.cleanShutdownEpoch = CleanShutdown.read(storage, root, directoryId());
  }

  /**
   * Locks a directory and makes it ready, formatting it when it is new. The clean-shutdown marker
   * stays until a log is opened, or anything is written of one (REC-2).
   *
   * @param root created when it is not there
   * @param clock dates appends and counts ages: a {@link SteadyClock} keeps both right when
   *     somebody sets the system's
   * @param wallClock what clients' timestamps are held against
   * @param nodeId of this broker
   * @param newDirectoryId names a directory that is formatted now
   * @throws HighwaterException KAFKA_STORAGE_ERROR when another process holds the lock or the
   *     directory does not read; INVALID_CONFIG when it belongs to another node
   */
  public static LogDirectory open(
      Path root,
      Storage storage,
      EpochClock clock,
      EpochClock wallClock,
      int nodeId,
      Supplier<UUID> newDirectoryId) {
    DirectoryIdentity identity = DirectoryIdentity.take(root, storage, nodeId, newDirectoryId);
    try {
      LogDirectory directory = new LogDirectory(root, storage, clock, wallClock, identity);
      identity = null;
      return directory;
    } catch (IOException e) {
      throw new DirectoryHealth(root).refuse("opening " + root, e);
    } finally {
      if (identity != null) {
        identity.close();
      }
    }
  }

  /** As the other, with one clock for all. */
  public static LogDirectory open(
      Path root, Storage storage, EpochClock clock, int nodeId, Supplier<UUID> newDirectoryId) {
    return open(root, storage, clock, clock, nodeId, newDirectoryId);
  }

  /**
   * Locks a directory that is there without opening it: its broker can neither run nor start until
   * the lock is closed, and a clean shutdown stays one.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR when another process holds the lock, or the
   *     directory does not read
   */
  public static Closeable lock(Path root, Storage storage) {
    return DirectoryIdentity.lock(root, storage);
  }

  /**
   * Whether a broker runs on a directory, as far as can be told: not where its lock may not be
   * tried. Changes nothing, and holds nothing afterwards.
   */
  public static boolean isLocked(Path root, Storage storage) throws IOException {
    return DirectoryIdentity.isLocked(root, storage);
  }

  /**
   * Gives up other directories of a broker that is stopped: they are not waited for at its next
   * start, which counts as unclean (REC-7). Durable on return.
   *
   * @param root any of the broker's that is there; each says so to the others at the next start
   * @param lost ids of the directories
   * @return those of them that had been given up there before
   * @throws HighwaterException INVALID_REQUEST when the broker does not have such another
   *     directory; else as {@link #lock}
   */
  public static Set<UUID> giveUp(Path root, Storage storage, Collection<UUID> lost) {
    return DirectoryIdentity.giveUp(root, storage, lost);
  }

  /** Where it is. */
  public Path root() {
    return root;
  }

  /** The random id of this directory. */
  public UUID directoryId() {
    return identity.meta().directoryId();
  }

  /** The cluster it belongs to, once that is known. */
  public Optional<String> clusterId() {
    return identity.meta().clusterId();
  }

  /**
   * Makes it belong to a cluster; durable on return.
   *
   * @throws HighwaterException INCONSISTENT_CLUSTER_ID when it belongs to another; STORAGE_FULL;
   *     KAFKA_STORAGE_ERROR
   */
  public void joinCluster(String clusterId) {
    run("joining a cluster", () -> identity.joinCluster(clusterId));
  }

  /** Whether it was formatted at this opening. */
  boolean isNew() {
    return identity.isNew();
  }

  /** The broker's other directories, as written down here. */
  Set<UUID> siblings() {
    return identity.meta().siblings();
  }

  /** Those of them that the operator gave up, as written down here. */
  Set<UUID> lost() {
    return identity.meta().lost();
  }

  /** Siblings that are missing since a clean shutdown, with its epoch, as written down here. */
  Map<UUID, Long> missing() {
    return identity.meta().missing();
  }

  /**
   * Writes down the broker's other directories; durable on return.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  void remember(Set<UUID> siblings, Set<UUID> lost, Map<UUID, Long> missing) {
    run("writing down the other directories", () -> identity.remember(siblings, lost, missing));
  }

  /** Whether it was written down that there are partitions here. */
  boolean hasCheckpoints() {
    return !checkpoints.isEmpty();
  }

  /**
   * The broker epoch of the clean shutdown before this start; empty when that was no clean one
   * (ISR-4).
   */
  public OptionalLong cleanShutdownEpoch() {
    return cleanShutdownEpoch;
  }

  /**
   * The broker epoch of the process before, if that was killed and the machine went on, so that all
   * is there that it wrote (REC-8); also of a clean stop. Empty where that may be otherwise.
   */
  OptionalLong killedEpoch() {
    return cleanShutdownEpoch.isPresent() ? cleanShutdownEpoch : brokerRun.killedEpoch();
  }

  /**
   * The broker is registered: what it writes from now on is known to be of this epoch, once every
   * log here is known to be sound. Waits for the disk.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  public void registered(long brokerEpoch) {
    use();
    run(
        "writing down the broker epoch",
        () -> brokerRun.registered(brokerEpoch, lastStop() != LastStop.UNKNOWN || allOpen()));
  }

  /**
   * From the next start on the run before counts as unclean; durable on return.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  void forgetLastRun() {
    run("forgetting the last run", brokerRun::outdate);
    forgetCleanShutdown();
  }

  /** The same, but that process may count as killed yet. */
  void forgetCleanShutdown() {
    use();
  }

  /** REC-2: a start that comes to its end before this leaves the clean shutdown for the next. */
  private void use() {
    if (inUse) {
      return;
    }
    synchronized (marker) {
      if (!inUse) {
        run("taking the clean-shutdown marker away", () -> CleanShutdown.remove(storage, root));
        inUse = true;
      }
    }
  }

  /** What the kernel still had to write to a disk that failed may be gone. Waits for the disk. */
  void forgetRun() {
    brokerRun.forget();
  }

  private LastStop lastStop() {
    if (cleanShutdownEpoch.isPresent()) {
      return LastStop.CLEAN;
    }
    return brokerRun.killedEpoch().isPresent() ? LastStop.KILLED : LastStop.UNKNOWN;
  }

  private boolean allOpen() throws IOException {
    return storage.list(root).stream()
        .flatMap(name -> PartitionDirectory.parse(name).stream())
        .allMatch(open::containsKey);
  }

  /** Whether it may be written. */
  public DirectoryHealth health() {
    return health;
  }

  /**
   * The partitions found on disk and the topics they belong to; no topic id where {@code
   * partition.metadata} is absent or unreadable. Directories on their way out are left out; those
   * that were on their way in and have not even an id yet go, but for empty ones: they may be
   * anybody's.
   */
  public Map<TopicPartition, Optional<UUID>> partitions() {
    Map<TopicPartition, Optional<UUID>> found = new LinkedHashMap<>();
    run(
        "listing partitions",
        () -> {
          for (String name : storage.list(root)) {
            Optional<TopicPartition> partition = PartitionDirectory.parse(name);
            Path directory = root.resolve(name);
            if (partition.isEmpty() || !storage.isDirectory(directory)) {
              continue;
            }
            if (storage.isLink(directory)) {
              found.put(partition.get(), Optional.empty()); // Opening it is refused.
              continue;
            }
            Optional<UUID> topicId =
                PartitionMetadata.read(storage, directory).map(PartitionMetadata::topicId);
            if (topicId.isPresent() || !hasNothingYet(directory)) {
              found.put(partition.get(), topicId);
            } else if (!storage.list(directory).isEmpty()) {
              PartitionFiles.delete(storage, directory);
            }
          }
        });
    return found;
  }

  /** A crash came between the directory and the file that says whose it is. */
  private boolean hasNothingYet(Path directory) throws IOException {
    return storage.list(directory).stream().allMatch(PartitionFiles::isTemporary);
  }

  /** Whether a partition had records here when it was last written down. */
  boolean hadRecords(TopicPartition partition) {
    return checkpoints.hadRecords(partition);
  }

  /** What was here of a partition is gone, and need not be found any more; durable on return. */
  void forget(TopicPartition partition) {
    use();
    run("forgetting " + partition, () -> checkpoints.forget(List.of(partition)));
  }

  /** The open log of a partition. */
  public Optional<PartitionLog> get(TopicPartition partition) {
    return Optional.ofNullable(open.get(partition));
  }

  /** The open logs, of one moment. */
  public Collection<PartitionLog> logs() {
    return List.copyOf(open.values());
  }

  /**
   * Opens the log of a partition, recovering it if need be, or creates it when there is none.
   *
   * @throws ForeignLogException when the directory, or a file in it, is another partition's
   *     (STO-11)
   * @throws HighwaterException KAFKA_STORAGE_ERROR when the directory holds data of another topic
   *     id ({@link #setAside} helps), is damaged below its recovery point, or cannot be read;
   *     STORAGE_FULL
   */
  public PartitionLog openOrCreate(TopicPartition partition, UUID topicId, LogConfig config) {
    health.check();
    PartitionLog already = open.get(partition);
    if (already != null) {
      return already;
    }
    use();
    try {
      PartitionLog log = open(partition, topicId, config);
      open.put(partition, log);
      return log;
    } catch (ForeignLogException e) {
      foreign.add(partition);
      throw e;
    }
  }

  private PartitionLog open(TopicPartition partition, UUID topicId, LogConfig config) {
    Path directory = directoryOf(partition);
    run("creating " + partition, () -> requireOwn(directory, partition, topicId));
    LogContext context =
        new LogContext(
            partition,
            topicId,
            directory,
            storage,
            config,
            clock,
            wallClock,
            health,
            openSegments,
            checkpoints);
    return PartitionLog.open(context, checkpoints.lastKnown(partition, lastStop()));
  }

  /**
   * Makes the directories of partitions that have none, durable all at once: {@link #openOrCreate}
   * finds them.
   *
   * @param partitions with their topics' ids
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR. Some may have been made
   */
  public void createDirectories(Map<TopicPartition, UUID> partitions) {
    health.check();
    use();
    run("creating partitions", () -> createMissing(partitions));
  }

  private void createMissing(Map<TopicPartition, UUID> partitions) throws IOException {
    Map<TopicPartition, UUID> missing = new LinkedHashMap<>();
    for (Map.Entry<TopicPartition, UUID> each : partitions.entrySet()) {
      if (!storage.isDirectory(directoryOf(each.getKey()))) {
        missing.put(each.getKey(), each.getValue());
      }
    }
    if (missing.isEmpty()) {
      return;
    }
    // What the checkpoints say is of a topic that was here before.
    checkpoints.forget(missing.keySet());
    for (Map.Entry<TopicPartition, UUID> each : missing.entrySet()) {
      Path directory = directoryOf(each.getKey());
      storage.createDirectories(directory);
      PartitionMetadata.of(each.getValue(), each.getKey(), directoryId())
          .keepingManifests()
          .write(storage, directory);
    }
    storage.syncDirectory(root);
  }

  private void requireOwn(Path directory, TopicPartition partition, UUID topicId)
      throws IOException {
    requireNoLink(directory);
    PartitionMetadata own = PartitionMetadata.of(topicId, partition, directoryId());
    if (!storage.isDirectory(directory)) {
      createMissing(Map.of(partition, topicId));
      return;
    }
    Optional<PartitionMetadata> found = PartitionMetadata.read(storage, directory);
    if (found.filter(own::isSameAs).isPresent()) {
      return;
    }
    found.ifPresent(metadata -> requireName(directory, partition, metadata));
    if (found.isEmpty() && storage.list(directory).stream().noneMatch(n -> n.endsWith(".log"))) {
      own.keepingManifests().write(storage, directory); // A crash came between creating both.
    } else if (found.isEmpty() || !found.get().topicId().equals(topicId)) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          directory
              + " holds data of topic id "
              + found.map(metadata -> metadata.topicId().toString()).orElse("unknown")
              + ", not of "
              + topicId);
    } else if (!found.get().isComplete()) {
      own.write(storage, directory); // Kafka, or a version before, does not say whose it is.
    } else {
      throw new ForeignLogException(
          directory
              + " was made in the log directory with id "
              + found.get().directoryId().orElseThrow()
              + ", this is "
              + directoryId()
              + ": it belongs to another broker or disk");
    }
  }

  /** STO-12: a link may lead anywhere, also to another broker's data. */
  private void requireNoLink(Path directory) {
    if (storage.isLink(directory)) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR,
          directory + " is a link, which is not followed: put the directory itself there");
    }
  }

  private static void requireName(
      Path directory, TopicPartition partition, PartitionMetadata found) {
    TopicPartition named = found.partition().orElse(partition);
    if (!named.equals(partition)) {
      throw new ForeignLogException(
          directory + " holds what was written for " + named + ", not for " + partition);
    }
  }

  /**
   * Refuses a partition's directory that is another partition's by its own word.
   *
   * @throws ForeignLogException naming both
   */
  void requireName(TopicPartition partition) {
    Path directory = directoryOf(partition);
    run(
        "reading " + directory,
        () ->
            PartitionMetadata.read(storage, directory)
                .ifPresent(found -> requireName(directory, partition, found)));
  }

  /**
   * Takes partitions of a deleted topic away: their logs are closed and their directories renamed,
   * durably on return, so that a topic of the same name never meets them. However many they are,
   * the root is synced and the checkpoints are written once. {@link #removeDeleted} frees the space
   * later.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR; some may be gone then
   */
  public void delete(Collection<TopicPartition> partitions, UUID topicId) {
    rename(partitions, partition -> aside.forDeleted(partition, topicId));
  }

  /** Sets a partition aside whose topic the cluster does not know, keeping its data (CTL-5). */
  public void setAside(TopicPartition partition, UUID topicId) {
    rename(List.of(partition), stray -> aside.forStray(stray, topicId));
  }

  /**
   * The high watermark of a partition as last written down, 0 when none was, and the epoch of the
   * record before it, {@link EpochEnd#NONE} when not known. It need not be open, nor sound.
   */
  public EpochEnd checkpointedHighWatermark(TopicPartition partition) {
    return checkpoints.highWatermark(partition, directoryOf(partition));
  }

  /** How far a partition came by what was written down, for people. */
  String progressOf(TopicPartition partition) {
    EpochEnd end = checkpointedHighWatermark(partition);
    return "high watermark "
        + end.endOffset()
        + " in leader epoch "
        + (end.epoch() == EpochEnd.NONE ? "unknown" : end.epoch());
  }

  /**
   * Sets a damaged log aside, so that it can be fetched again from elsewhere; its data stays until
   * {@link #deleteDamaged} (REC-3). What is another's, or nobody knows whose, may be the only copy
   * of something: it is kept for good as {@link #setAside} keeps it. Durable on return.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void setDamagedAside(TopicPartition partition, UUID topicId) {
    boolean holdsForeign = foreign.remove(partition);
    rename(
        List.of(partition),
        damaged -> {
          Optional<PartitionMetadata> found = PartitionMetadata.read(storage, directoryOf(damaged));
          TopicPartition named = found.flatMap(PartitionMetadata::partition).orElse(damaged);
          UUID topic = found.map(PartitionMetadata::topicId).orElse(topicId);
          boolean own = found.isPresent() && named.equals(damaged) && topic.equals(topicId);
          return own
                  && !holdsForeign
                  && !ForeignSegments.mayBeIn(
                      storage,
                      directoryOf(damaged),
                      new TopicIdPartition(topicId, damaged.partition()))
              ? aside.forDamaged(damaged, topicId)
              : aside.forStray(named, topic);
        });
  }

  /**
   * As {@link #setDamagedAside} for a log that is sound but differs from other replicas (REP-9): it
   * is kept.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void setDifferingAside(TopicPartition partition, UUID topicId) {
    rename(List.of(partition), differing -> aside.forDiffering(differing, topicId));
  }

  /**
   * The partitions of which damaged or differing logs lie aside, now or from before a restart.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public Set<TopicIdPartition> damagedAside() {
    Set<TopicIdPartition> found = new LinkedHashSet<>();
    run("listing damaged logs", () -> found.addAll(aside.damaged()));
    return found;
  }

  /**
   * Deletes what lies aside of a partition; what is sound becomes a stray. Slow.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void deleteDamaged(TopicIdPartition partition) {
    run("deleting a damaged log", () -> aside.deleteDamaged(partition));
  }

  @FunctionalInterface
  private interface NewName {
    Path of(TopicPartition partition) throws IOException;
  }

  private void rename(Collection<TopicPartition> partitions, NewName newName) {
    use();
    for (TopicPartition partition : partitions) {
      PartitionLog log = open.remove(partition);
      if (log != null) {
        log.close();
      }
    }
    run(
        "renaming directories of " + partitions.iterator().next().topic(),
        () -> {
          partitions.forEach(partition -> requireNoLink(directoryOf(partition)));
          boolean renamed = false;
          for (TopicPartition partition : partitions) {
            Path directory = directoryOf(partition);
            if (storage.isDirectory(directory)) {
              storage.rename(directory, newName.of(partition));
              renamed = true;
            }
          }
          if (renamed) {
            storage.syncDirectory(root);
          }
          checkpoints.forget(partitions);
        });
  }

  /** Deletes the directories that {@link #delete} renamed, now or before a crash. Slow. */
  public void removeDeleted() {
    run("removing deleted partitions", aside::removeDeleted);
  }

  /**
   * Looks how much room the disk has: appends are refused with STORAGE_FULL while it is too little.
   * Waits for the disk; one thread at a time.
   *
   * @param limits to keep to, or null for what suits the size of the disk
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void checkSpace(SpaceLimits limits) {
    run(
        "looking for space",
        () ->
            health
                .space()
                .check(
                    storage,
                    limits != null
                        ? limits
                        : SpaceLimits.suiting(storage.space(root).totalBytes())));
  }

  /**
   * Flushes the sealed segments of the open logs and writes their recovery points, high watermarks
   * and log starts. Waits for the disk. Logs that had no append since the last call give their
   * descriptor back; where there are many, they are flushed for it.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  public void checkpoint() {
    health.check();
    use();
    open.values().forEach(PartitionLog::flushSealed);
    boolean many = open.size() > OpenSegments.DEFAULT_MAX_COUNT;
    open.values().forEach(log -> log.rest(many));
    run("writing checkpoints", () -> checkpoints.write(open));
    run("writing down the broker epoch", () -> brokerRun.opened(this::allOpen));
  }

  /**
   * Flushes and closes every log, writes the checkpoints, then the clean-shutdown marker, then lets
   * go of the directory. Nothing may append any more.
   *
   * @param brokerEpoch under which the broker was registered
   * @throws HighwaterException when any of it fails: there is no marker then
   */
  public void closeCleanly(long brokerEpoch) {
    try {
      for (PartitionLog log : open.values()) {
        log.closeCleanly();
      }
      checkpoint();
      run(
          "marking the clean shutdown",
          () -> CleanShutdown.mark(storage, root, directoryId(), brokerEpoch));
    } finally {
      close();
    }
  }

  /** Closes all files and lets go of the directory, as a crash would. Idempotent. */
  @Override
  public void close() {
    if (health.isOffline()) {
      brokerRun.forget();
    }
    open.values().forEach(PartitionLog::close);
    open.clear();
    identity.close();
  }

  private Path directoryOf(TopicPartition partition) {
    return root.resolve(partition.toString());
  }

  @FunctionalInterface
  private interface StorageCall {
    void run() throws IOException;
  }

  private void run(String what, StorageCall call) {
    try {
      call.run();
    } catch (IOException e) {
      throw health.refuse(what + " in " + root, e);
    }
  }
}
