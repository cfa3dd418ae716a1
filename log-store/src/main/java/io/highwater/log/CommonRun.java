package io.highwater.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log directories of a broker tell in common of the process before. By those that are
 * there: what may be in others is refused, and so leaves the in-sync sets, whatever is said here
 * (REC-7). One that is back as it was left has nothing to say of later runs.
 */
final class CommonRun {
  private static final Logger LOG = LoggerFactory.getLogger(CommonRun.class);

  private final LogDirectory metadata;
  private final KnownDirectories known;
  private final Collection<LogDirectory> live;
  private final OptionalLong cleanShutdownEpoch;
  private final OptionalLong killedEpoch;

  /** Those whose files are of another time than those of the metadata log's directory. */
  private final List<LogDirectory> differing = new ArrayList<>();

  /**
   * @param live those that are there, that of the metadata log among them or not
   */
  CommonRun(LogDirectory metadata, Collection<LogDirectory> live, KnownDirectories known) {
    this.metadata = metadata;
    this.live = live;
    this.known = known;
    this.cleanShutdownEpoch = ofAll(LogDirectory::cleanShutdownEpoch);
    this.killedEpoch = ofAll(LogDirectory::killedEpoch);
    // What was begun anew since one was given up is nowhere, and nobody knows what it was.
    if (killedEpoch.isEmpty() && !known.hasLost() && metadata.killedEpoch().isPresent()) {
      live.stream()
          .filter(directory -> !agrees(directory, LogDirectory::killedEpoch))
          .forEach(differing::add);
    }
  }

  private OptionalLong ofAll(Function<LogDirectory, OptionalLong> found) {
    boolean same =
        !known.hasLost() && live.stream().allMatch(directory -> agrees(directory, found));
    return same ? found.apply(metadata) : OptionalLong.empty();
  }

  private boolean agrees(LogDirectory directory, Function<LogDirectory, OptionalLong> found) {
    return directory.isNew()
        || !known.isUsed(directory)
        || known.isBackUnchanged(directory)
        || found.apply(directory).equals(found.apply(metadata));
  }

  /** As {@link LogDirectories#cleanShutdownEpoch}. */
  OptionalLong cleanShutdownEpoch() {
    return cleanShutdownEpoch;
  }

  /** As {@link LogDirectories#killedEpoch}. */
  OptionalLong killedEpoch() {
    return killedEpoch;
  }

  /** Whether some directories differ from that of the metadata log, which tells how it ended. */
  boolean isPartial() {
    return !differing.isEmpty();
  }

  /** Whether what a directory holds is as the process before left it, where it is partial. */
  boolean isKnownOf(LogDirectory directory) {
    return !differing.contains(directory);
  }

  /** How it ended where it is partial; -1 where it did not so. */
  long partialCleanEpoch() {
    boolean clean =
        live.stream()
            .filter(this::isKnownOf)
            .allMatch(directory -> agrees(directory, LogDirectory::cleanShutdownEpoch));
    return clean ? metadata.cleanShutdownEpoch().orElse(-1) : -1;
  }

  /** As {@link #partialCleanEpoch}. */
  long partialKilledEpoch() {
    return metadata.killedEpoch().orElse(-1);
  }

  /** Names the directories that differ, for who may have put them there. */
  void tellDiffering() {
    for (LogDirectory directory : differing) {
      LOG.warn(
          "{} is of another time than {}: {}, and {}. If it is an older copy, stop the broker and put"
              + " the newest one in its place; what it holds counts as doubtful until it has been in"
              + " sync, 'topic describe' tells what may be lost",
          directory.root(),
          metadata.root(),
          told(directory, "it"),
          told(metadata, "that"));
    }
  }

  private static String told(LogDirectory directory, String which) {
    if (directory.cleanShutdownEpoch().isPresent()) {
      return which
          + " was closed cleanly in broker epoch "
          + directory.cleanShutdownEpoch().getAsLong();
    }
    return directory.killedEpoch().isPresent()
        ? which + " was in use in broker epoch " + directory.killedEpoch().getAsLong()
        : which + " does not tell how it was left";
  }
}
