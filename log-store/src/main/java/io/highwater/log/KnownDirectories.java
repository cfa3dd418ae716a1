package io.highwater.log;

import io.highwater.proto.HighwaterException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which log directories a broker has, as it remembers them over restarts (REC-7). One that held
 * partitions and is not there is missing, whatever stands in its place, until it returns or the
 * operator gives it up. One that is empty need not be missed. Any thread.
 */
final class KnownDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(KnownDirectories.class);

  private final LogDirectory metadata;
  private final Set<LogDirectory> all;
  private final Set<UUID> present;
  private final Set<UUID> siblings;
  private final Set<UUID> lost;

  /** Those that held partitions, or are about to. */
  private final Set<UUID> used = new HashSet<>();

  /** Those that were missing and are as they were left, with the epoch of that; until used. */
  private final Map<UUID, Long> backUnchanged = new HashMap<>();

  private boolean settled;

  /**
   * What is remembered where the metadata log is; where that is new, what the others remember.
   *
   * @param data those that hold partitions and opened
   */
  KnownDirectories(LogDirectory metadata, Collection<LogDirectory> data) {
    this.metadata = metadata;
    this.all = new LinkedHashSet<>(data);
    all.add(metadata);
    this.present = all.stream().map(LogDirectory::directoryId).collect(Collectors.toSet());
    this.siblings = new HashSet<>(metadata.siblings());
    this.lost = new HashSet<>(metadata.lost());
    for (LogDirectory directory : data) {
      if (metadata.isNew()) {
        siblings.addAll(directory.siblings());
      }
      // An older word about one that is here says nothing any more.
      directory.lost().stream().filter(id -> !present.contains(id)).forEach(lost::add);
    }
    used.addAll(missing());
    findBackUnchanged();
  }

  /** Those that are waited for: what may be in them is offline. */
  Set<UUID> missing() {
    return siblings.stream()
        .filter(id -> !present.contains(id) && !lost.contains(id))
        .collect(Collectors.toSet());
  }

  /** Whether a directory holds partitions, or was about to. */
  synchronized boolean isUsed(LogDirectory directory) {
    UUID id = directory.directoryId();
    return directory == metadata || used.contains(id) || siblings.contains(id);
  }

  /**
   * Whether one was given up since the last start, or is back after that: what others remember of
   * the partitions in it is nothing that is here.
   */
  boolean hasLost() {
    return siblings.stream().anyMatch(id -> lost.contains(id) && !present.contains(id))
        || present.stream().anyMatch(lost::contains);
  }

  /** Whether a directory was given up and is back: what it holds may have been begun anew since. */
  boolean isReturned(LogDirectory directory) {
    return lost.contains(directory.directoryId());
  }

  /** Nothing is missing any more: what is begun anew of what returned is here. */
  synchronized void settle() {
    settled = true;
  }

  /**
   * Whether a directory is back, and what was begun anew of what it holds may be in another that is
   * not there.
   */
  synchronized boolean isDoubtful(LogDirectory directory) {
    return !settled && isReturned(directory);
  }

  /** A directory holds partitions, or is about to; durable on return once {@link #write} was. */
  synchronized boolean use(LogDirectory directory) {
    return used.add(directory.directoryId());
  }

  /**
   * Whether a directory is back that was missing ever since it was closed cleanly with the others:
   * it holds all that was ever written to it.
   */
  boolean isBackUnchanged(LogDirectory directory) {
    return backUnchanged.containsKey(directory.directoryId());
  }

  private void findBackUnchanged() {
    for (LogDirectory directory : all) {
      Long since = metadata.missing().get(directory.directoryId());
      if (since != null && directory.cleanShutdownEpoch().equals(OptionalLong.of(since))) {
        backUnchanged.put(directory.directoryId(), since);
      }
    }
  }

  /** A registration came: what is back unchanged is used from now on. */
  synchronized void registered(OptionalLong cleanShutdownEpoch) {
    if (!backUnchanged.isEmpty()) {
      backUnchanged.clear();
      write(cleanShutdownEpoch);
    }
  }

  /**
   * Those that are missing, with the epoch of the last clean shutdown before that was first found;
   * and those that are back unchanged, as long as nothing was written to them.
   */
  private Map<UUID, Long> missingSince(OptionalLong cleanShutdownEpoch) {
    Map<UUID, Long> since = new HashMap<>(backUnchanged);
    for (UUID id : missing()) {
      Long before = metadata.missing().get(id);
      if (before != null) {
        since.put(id, before);
      } else {
        cleanShutdownEpoch.ifPresent(epoch -> since.put(id, epoch));
      }
    }
    return since;
  }

  /**
   * Writes down, in each directory, which others hold partitions or are waited for; durable on
   * return.
   *
   * @param cleanShutdownEpoch of the clean shutdown before this start, if it was one
   * @throws HighwaterException STORAGE_FULL or KAFKA_STORAGE_ERROR where the metadata log is
   */
  synchronized void write(OptionalLong cleanShutdownEpoch) {
    Map<UUID, Long> away = missingSince(cleanShutdownEpoch);
    // Should the newer one be back at the next start only, what returned is the older one yet.
    Set<UUID> gone =
        lost.stream().filter(id -> !settled || !present.contains(id)).collect(Collectors.toSet());
    for (LogDirectory directory : all) {
      Set<UUID> others = new HashSet<>(used);
      others.add(metadata.directoryId());
      others.remove(directory.directoryId());
      try {
        if (!directory.health().isOffline()) {
          directory.remember(others, gone, away);
        }
      } catch (HighwaterException e) {
        if (directory == metadata) {
          throw e;
        }
        // It counts only if that of the metadata log is lost.
        LOG.warn(
            "{} does not remember the other directories: {}", directory.root(), e.getMessage());
      }
    }
  }
}
