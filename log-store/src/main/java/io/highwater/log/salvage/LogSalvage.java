package io.highwater.log.salvage;

import io.highwater.log.LogDirectory;
import io.highwater.log.PartitionDirectory;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.verify.ContentLook;
import io.highwater.log.verify.LogSurroundings;
import io.highwater.log.verify.ManifestCheck;
import io.highwater.log.verify.PatientFile;
import io.highwater.log.verify.SegmentIdentity;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import io.highwater.log.verify.SegmentWalk;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the sound batches of a partition's directory, whatever lies between them. Only reads, takes
 * no lock and follows no link; what was deleted below the log start, as far as that is known, is
 * left out. One thread.
 */
public final class LogSalvage {
  private final Storage storage;
  private final Path directory;
  private final ManifestCheck check;
  private final Optional<TopicPartition> named;
  private final Optional<LogManifest> manifest;
  private final long logStart;

  /** Whether compaction took offsets. */
  private final boolean gaps;

  /** Exclusive end of what was there once, as far as that is known. */
  private final long knownEnd;

  private final List<Long> bases;

  /** Gets the sound batches, in the order of their offsets. */
  public interface Target {
    /**
     * Takes a batch.
     *
     * @param batch valid during the call
     * @param fromOffset what comes before in the batch was deleted
     * @param readable whether its records can be read
     */
    void batch(BatchView batch, long fromOffset, boolean readable) throws IOException;
  }

  private LogSalvage(
      Storage storage, Path directory, Optional<LogManifest> manifest, LogSurroundings around)
      throws IOException {
    this.storage = storage;
    this.directory = directory;
    this.manifest = manifest;
    named = PartitionDirectory.parse(directory.getFileName().toString());
    LogManifest known = manifest.orElse(LogManifest.EMPTY);
    logStart = Math.max(known.logStart(), named.map(around::logStart).orElse(0L));
    knownEnd = Math.max(known.endOffset(), named.map(around::recoveryPoint).orElse(0L));
    bases = new ArrayList<>();
    for (String name : storage.list(directory)) {
      SegmentFiles.offsetOf(name, SegmentFiles.LOG).ifPresent(bases::add);
    }
    gaps = known.gaps();
    check = new ManifestCheck(storage, directory, known, logStart);
    bases.removeAll(check.leftovers(bases));
  }

  /**
   * Looks at a directory.
   *
   * @param partitionDirectory of one partition, in a data directory or anywhere
   * @throws HighwaterException INVALID_REQUEST when it is a link or no partition's
   */
  public static LogSalvage of(Storage storage, Path partitionDirectory) throws IOException {
    Path directory = partitionDirectory.toAbsolutePath().normalize();
    if (directory.getParent() == null || !storage.isDirectory(directory)) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, partitionDirectory + " is no directory of a partition");
    }
    if (storage.isLink(directory)) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST, partitionDirectory + " is a link, which is not followed");
    }
    LogSalvage salvage =
        new LogSalvage(
            storage,
            directory,
            LogManifest.read(storage, directory),
            LogSurroundings.of(storage, directory.getParent()));
    if (salvage.bases.isEmpty()) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          partitionDirectory + " is no directory of a partition: it has no segment");
    }
    return salvage;
  }

  /** Whose log it is, by its own word or else its directory's name. */
  public Optional<TopicPartition> partition() throws IOException {
    return PartitionMetadata.read(storage, directory)
        .flatMap(PartitionMetadata::partition)
        .or(() -> named);
  }

  /** Whether a broker runs on the data directory around, which may change files meanwhile. */
  public boolean isBesideBroker() throws IOException {
    return LogDirectory.isLocked(directory.getParent(), storage);
  }

  /**
   * Reads all segments.
   *
   * @param target gets the sound batches
   * @param heard hears of each segment at its end
   */
  public void run(Target target, Consumer<SegmentRest> heard) throws IOException {
    long due = manifest.isPresent() ? logStart : Math.max(logStart, bases.get(0));
    for (int i = 0; i < bases.size(); i++) {
      boolean isLast = i == bases.size() - 1;
      long base = bases.get(i);
      long upper = isLast ? base + SegmentWalk.MAX_OFFSETS : bases.get(i + 1);
      SegmentTally tally = new SegmentTally();
      Path file = SegmentFiles.path(directory, base, SegmentFiles.LOG);
      try (PatientFile log = new PatientFile(storage.open(file, Storage.OpenMode.READ))) {
        long size = log.size();
        int limit = (int) Math.min(size, Integer.MAX_VALUE);
        Optional<SegmentSummary> known = known(base);
        Optional<String> foreign = foreign(base, size, known);
        if (foreign.isPresent()) {
          tally.damaged(0, size, foreign.get());
        } else {
          boolean mayHaveGaps = gaps || manifest.isEmpty();
          SegmentWalk.Range range = new SegmentWalk.Range(0, limit, base, upper, mayHaveGaps);
          SegmentWalk walk = new SegmentWalk(log, range, tally);
          due = read(walk, due, tally, target);
          if (limit < size) {
            tally.damaged(limit, size, "a segment has no more bytes than come before");
          }
        }
        long end =
            isLast ? Math.max(knownEnd, known.map(SegmentSummary::endOffset).orElse(0L)) : upper;
        if (due < end) {
          tally.missing(due, end);
          due = end;
        }
        heard.accept(tally.rest(file, size));
      }
    }
  }

  /** What was written down of a segment. */
  private Optional<SegmentSummary> known(long base) throws IOException {
    Optional<SegmentSummary> sealed = check.summary(base);
    return sealed.isPresent()
        ? sealed
        : SegmentManifest.read(storage, directory, base).map(SegmentManifest::segment);
  }

  /** STO-11: another's records are not passed off as this log's. */
  private Optional<String> foreign(long base, long size, Optional<SegmentSummary> known)
      throws IOException {
    if (base < manifest.map(LogManifest::endOffset).orElse(0L) && check.summary(base).isEmpty()) {
      return Optional.of("it is none of the sealed segments: a copy, or foreign");
    }
    if (known.isEmpty()) {
      return Optional.empty();
    }
    SegmentIdentity identity = new SegmentIdentity(storage, directory, base, known.get().marks());
    try {
      return (size == known.get().sizeInBytes() ? identity.whole() : identity.beginning())
          .filter(Mismatch::foreign)
          .map(mismatch -> mismatch.problem().what());
    } catch (IOException e) {
      return Optional.empty(); // What the disk does not give is damage, as the walk will find.
    }
  }

  /** Returns the offset that is due behind the segment. */
  private long read(SegmentWalk walk, long dueBefore, SegmentTally tally, Target target)
      throws IOException {
    long due = dueBefore;
    try (ContentLook look = new ContentLook()) {
      while (walk.next()) {
        BatchView batch = walk.batch();
        if (batch.nextOffset() <= logStart) {
          continue;
        }
        long from = Math.max(batch.baseOffset(), logStart);
        if (from > due && (!gaps || walk.passedDamage())) {
          tally.missing(due, from);
        }
        due = batch.nextOffset();
        Optional<String> unreadable = look.unreadable(batch);
        if (unreadable.isPresent()) {
          tally.unreadable(batch, walk.position(), unreadable.get());
        } else {
          tally.intact(batch, from);
        }
        target.batch(batch, from, unreadable.isEmpty());
      }
    }
    return due;
  }
}
