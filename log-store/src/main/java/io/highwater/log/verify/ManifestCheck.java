package io.highwater.log.verify;

import io.highwater.log.EpochEnd;
import io.highwater.log.EpochHistory;
import io.highwater.log.io.Storage;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the segment files of a log against its manifest, by name, size and the batch at the end
 * (REC-3, STO-11): what no batch alone can tell. Changes nothing.
 */
public final class ManifestCheck {
  private final Storage storage;
  private final Path directory;
  private final LogManifest manifest;
  private final long logStart;
  private final Map<Long, SegmentSummary> named = new HashMap<>();
  private boolean foreign;

  /**
   * A check of the log in {@code directory}.
   *
   * @param logStart what lies below it may be gone
   */
  public ManifestCheck(Storage storage, Path directory, LogManifest manifest, long logStart) {
    this.storage = storage;
    this.directory = directory;
    this.manifest = manifest;
    this.logStart = logStart;
    manifest.segments().forEach(segment -> named.put(segment.baseOffset(), segment));
  }

  /** The segments of {@code bases} that lie below the log start and go: left by a crash. */
  public List<Long> leftovers(List<Long> bases) {
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < bases.size() - 1; i++) {
      SegmentSummary segment = named.get(bases.get(i));
      long end = segment == null ? bases.get(i + 1) : segment.endOffset();
      if (end <= logStart) {
        gone.add(bases.get(i));
      }
    }
    return gone;
  }

  /**
   * What is wrong with the segment files.
   *
   * @param bases base offsets of the segments that are there, ascending, without {@link #leftovers}
   * @return one per file; empty when all is as the manifest says
   */
  public List<Problem> problems(List<Long> bases) throws IOException {
    List<Problem> found = new ArrayList<>();
    for (SegmentSummary segment : manifest.segments()) {
      if (segment.endOffset() > logStart) {
        problemOf(segment).ifPresent(found::add);
      }
    }
    if (manifest.segments().isEmpty()) {
      return found;
    }
    long end = manifest.endOffset();
    for (long base : bases) {
      if (base < end && !named.containsKey(base)) {
        found.add(Problem.of(file(base), "it is none of the sealed segments: a copy, or foreign"));
      }
    }
    if (end >= logStart && !bases.contains(end)) {
      found.add(Problem.of(file(end), "it is missing; the sealed segments end there"));
    }
    return found;
  }

  private Optional<Problem> problemOf(SegmentSummary segment) throws IOException {
    Path file = file(segment.baseOffset());
    try {
      long bytes = storage.size(file);
      SegmentIdentity identity =
          new SegmentIdentity(storage, directory, segment.baseOffset(), segment.marks());
      if (bytes == segment.sizeInBytes()) {
        // Mere damage takes no more than it must: a read names it.
        return noted(identity.whole().filter(Mismatch::foreign));
      }
      Optional<Problem> stranger = noted(identity.beginning().filter(Mismatch::foreign));
      return stranger.isPresent()
          ? stranger
          : Optional.of(
              new Problem(
                  file,
                  Math.min(bytes, segment.sizeInBytes()),
                  "it has " + bytes + " bytes, sealed were " + segment.sizeInBytes()));
    } catch (NoSuchFileException e) {
      return Optional.of(
          Problem.of(
              file,
              "it is missing; it held offsets "
                  + segment.baseOffset()
                  + " to "
                  + segment.endOffset()));
    }
  }

  private Optional<Problem> noted(Optional<Mismatch> mismatch) {
    foreign |= mismatch.filter(Mismatch::foreign).isPresent();
    return mismatch.map(Mismatch::problem);
  }

  /** Whether any of the {@link #problems} is a file that is another's. */
  public boolean foundForeign() {
    return foreign;
  }

  private Path file(long base) {
    return SegmentFiles.path(directory, base, SegmentFiles.LOG);
  }

  /** How many of {@code bases}, from the first on, the manifest names. */
  public int trusted(List<Long> bases) {
    int count = 0;
    while (count < bases.size() && named.containsKey(bases.get(count))) {
      count++;
    }
    return count;
  }

  /** What the manifest says of a segment. */
  public Optional<SegmentSummary> summary(long base) {
    return Optional.ofNullable(named.get(base));
  }

  /** Whether an epoch history knows the epochs that the segments end in: an older copy does not. */
  public boolean matches(EpochHistory epochs) {
    return manifest.segments().stream()
        .filter(segment -> segment.endOffset() > logStart)
        .allMatch(segment -> matches(epochs, segment));
  }

  /** Whether an epoch history knows the epoch that a segment ends in. */
  public static boolean matches(EpochHistory epochs, SegmentSummary segment) {
    return segment.lastEpoch() == EpochEnd.NONE
        || epochs.epochAt(segment.endOffset() - 1) == segment.lastEpoch();
  }
}
