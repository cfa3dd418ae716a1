package io.highwater.log.verify;

import io.highwater.log.EpochHistory;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.checkpoint.ResetIntention;
import io.highwater.log.io.Storage;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.LogFiles;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.verify.SegmentIdentity.Mismatch;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Checks all files of one partition's log. Takes no lock and changes nothing; files of a running
 * broker change meanwhile, so what is found counts only when it is found twice.
 */
final class LogVerifier {
  private static final long WHOLE = Long.MAX_VALUE;

  private final Storage storage;
  private final Path directory;
  private final Expected expected;
  private Verification found;

  /**
   * What is known of the log from around it.
   *
   * @param partition by the directory's name; empty when that is none
   * @param directoryId of the log directory around; empty when that does not read
   * @param recoveryPoint from here on the end of the log may be torn; 0 when unknown
   * @param highWatermark below it the log was committed; 0 when unknown
   * @param logStart what lies below may be gone; 0 when unknown
   * @param keepsWrites as of {@link LogSurroundings}
   * @param readsRecords whether records are read, too
   */
  record Expected(
      Optional<TopicPartition> partition,
      Optional<UUID> directoryId,
      long recoveryPoint,
      long highWatermark,
      long logStart,
      boolean keepsWrites,
      boolean readsRecords) {}

  /** A check of the log in {@code directory}. */
  LogVerifier(Storage storage, Path directory, Expected expected) {
    this.storage = storage;
    this.directory = directory;
    this.expected = expected;
  }

  Verification verify() throws IOException {
    Verification once = look();
    if (once.problems().isEmpty()) {
      return once;
    }
    Verification again = look();
    again.retainOf(once);
    return again;
  }

  private Verification look() throws IOException {
    found = new Verification();
    try {
      List<String> names = storage.list(directory);
      Optional<LogManifest> read = LogManifest.read(storage, directory);
      if (read.isEmpty() && names.contains(LogManifest.FILE_NAME)) {
        unreadable(LogManifest.FILE_NAME);
      }
      LogManifest manifest = read.orElse(LogManifest.EMPTY);
      ManifestCheck check =
          new ManifestCheck(
              storage, directory, manifest, Math.max(expected.logStart, manifest.logStart()));
      Optional<TopicIdPartition> owner = owner();
      manifest.owner().ifPresent(written -> requireOwner(LogManifest.FILE_NAME, written, owner));
      segments(names, manifest, check, owner);
      if (owner.isPresent()) {
        LogFiles files = new LogFiles(storage, directory, owner.get());
        snapshots(names, files);
        epochs(names, check, files);
        intention(files);
      }
    } catch (NoSuchFileException e) {
      if (storage.isDirectory(directory)) {
        found.problem(Problem.of(Path.of(e.getFile()), "it is missing"));
      }
    }
    return found;
  }

  /** Whose the log is, by the directory's name; by its own word where that is none. */
  private Optional<TopicIdPartition> owner() throws IOException {
    Optional<PartitionMetadata> metadata = PartitionMetadata.read(storage, directory);
    Path file = directory.resolve(PartitionMetadata.FILE_NAME);
    if (metadata.isEmpty()) {
      if (storage.exists(file)) {
        unreadable(PartitionMetadata.FILE_NAME);
      } else {
        found.problem(Problem.of(file, "it is missing"));
      }
      return Optional.empty();
    }
    Optional<TopicPartition> named = metadata.get().partition();
    Optional<UUID> made = metadata.get().directoryId();
    if (named.isPresent() && expected.partition.isPresent() && !named.equals(expected.partition)) {
      found.problem(
          Problem.of(
              file,
              "it is that of "
                  + named.get()
                  + ", the directory's name is "
                  + directory.getFileName()));
    } else if (made.isPresent()
        && expected.directoryId.isPresent()
        && !made.equals(expected.directoryId)) {
      found.problem(
          Problem.of(
              file,
              "it was made in the log directory with id "
                  + made.get()
                  + ", this is "
                  + expected.directoryId.get()));
    }
    return named
        .or(() -> expected.partition)
        .map(name -> new TopicIdPartition(metadata.get().topicId(), name.partition()));
  }

  private void requireOwner(
      String name, TopicIdPartition written, Optional<TopicIdPartition> owner) {
    if (owner.isPresent() && !owner.get().equals(written)) {
      found.problem(
          Problem.of(
              directory.resolve(name),
              "it was written for "
                  + FileOwners.nameOf(storage, directory, written)
                  + ", this is "
                  + FileOwners.nameOf(storage, directory, owner.get())));
    }
  }

  private void intention(LogFiles files) throws IOException {
    try {
      ResetIntention.read(storage, directory, files.owner());
    } catch (HighwaterException e) {
      unreadable(ResetIntention.FILE_NAME);
    }
  }

  private void unreadable(String name) {
    found.problem(Problem.of(directory.resolve(name), "it does not match its checksum or form"));
  }

  private void segments(
      List<String> names,
      LogManifest manifest,
      ManifestCheck check,
      Optional<TopicIdPartition> owner)
      throws IOException {
    Set<Long> there = new TreeSet<>();
    names.forEach(name -> SegmentFiles.offsetOf(name, SegmentFiles.LOG).ifPresent(there::add));
    List<Long> bases = new ArrayList<>(there);
    bases.removeAll(check.leftovers(bases));
    check.problems(bases).forEach(found::problem);
    Set<Path> named = new TreeSet<>();
    found.problems().forEach(problem -> named.add(problem.file()));
    for (long base : MissingManifests.of(storage, directory, bases, manifest)) {
      found.problem(MissingManifests.problem(directory, base));
    }
    long flushed =
        Math.max(expected.recoveryPoint, manifest.segments().isEmpty() ? 0 : manifest.endOffset());
    long next = -1;
    long end = bases.isEmpty() ? Math.max(expected.logStart, manifest.logStart()) : -1;
    for (int i = 0; i < bases.size(); i++) {
      long base = bases.get(i);
      Path file = SegmentFiles.path(directory, base, SegmentFiles.LOG);
      if (named.contains(file)) {
        next = -1; // It was named; what follows is looked at by itself.
        end = -1;
        continue;
      }
      Optional<SegmentSummary> sealed = check.summary(base).or(() -> closed(base));
      SegmentCheck segment = new SegmentCheck(storage, file, base, sealed, manifest.gaps());
      readAll(segment);
      found.segment(segment);
      if (next >= 0 && (base < next || (base > next && !manifest.gaps()))) {
        found.problem(Problem.of(file, "offset " + next + " is due where it begins"));
      }
      boolean tornTail = sealed.isEmpty() && segment.endOffset() >= flushed;
      if (segment.problem().isPresent() && !tornTail) {
        found.problem(segment.problem().get());
        long upper = i + 1 < bases.size() ? bases.get(i + 1) : base + SegmentWalk.MAX_OFFSETS;
        new DamageBehind(found, segment.problem().get(), sealed.isEmpty() ? flushed : upper)
            .look(storage, segment, upper, manifest.gaps(), expected.readsRecords);
      }
      next = segment.problem().isPresent() ? -1 : segment.endOffset();
      end = segment.problem().isPresent() && !tornTail ? -1 : segment.endOffset();
      sidecar(base, segment, owner);
    }
    long last = bases.isEmpty() ? -1 : bases.get(bases.size() - 1);
    boolean endIsNamed =
        named.stream()
            .map(file -> SegmentFiles.offsetOf(file.getFileName().toString(), SegmentFiles.LOG))
            .anyMatch(base -> base.orElse(-1) > last);
    if (!endIsNamed && !names.contains(ResetIntention.FILE_NAME)) { // Then it is being emptied.
      // A power loss may have taken the file of a segment and left its manifest.
      Optional<Problem> missing =
          expected.keepsWrites
              ? MissingSegments.behind(storage, directory, names, there, owner)
              : Optional.empty();
      missing.ifPresent(found::problem);
      requireEnd(missing.isPresent() ? -1 : end, bases.isEmpty());
    }
  }

  /**
   * What was there behind the end of the log, as far as that is known from anywhere.
   *
   * @param end -1 when what is wrong there was named
   */
  private void requireEnd(long end, boolean isEmpty) {
    if (end >= 0 && end < expected.recoveryPoint) {
      found.problem(
          Problem.of(
              directory,
              (isEmpty ? "it has no segments" : "it ends at offset " + end)
                  + ", flushed were "
                  + expected.recoveryPoint));
    } else if (end >= 0 && end < expected.highWatermark) {
      found.problem(
          Problem.of(
              directory,
              "it ends at offset "
                  + end
                  + ", committed were "
                  + expected.highWatermark
                  + ": committed records are gone here"));
    }
  }

  private void readAll(SegmentCheck segment) throws IOException {
    try (ContentLook content = new ContentLook()) {
      if (expected.readsRecords) {
        segment.look(content);
      }
      while (!segment.isDone()) {
        segment.step(WHOLE);
      }
      content.problems().forEach(found::problem);
    }
  }

  /** A clean stop says of the active segment, too, what it is. */
  private Optional<SegmentSummary> closed(long base) {
    try {
      long bytes = storage.size(SegmentFiles.path(directory, base, SegmentFiles.LOG));
      return SegmentManifest.read(storage, directory, base)
          .map(SegmentManifest::segment)
          .filter(segment -> segment.sizeInBytes() == bytes);
    } catch (IOException e) {
      return Optional.empty(); // What is wrong with it shows when it is read.
    }
  }

  /** What is there has to match; whether it may be absent was looked at before. */
  private void sidecar(long base, SegmentCheck segment, Optional<TopicIdPartition> owner)
      throws IOException {
    Path sidecar = SegmentFiles.path(directory, base, SegmentFiles.MANIFEST);
    if (!storage.exists(sidecar)) {
      return;
    }
    Optional<SegmentManifest> manifest = SegmentManifest.read(storage, directory, base);
    if (manifest.isEmpty()) {
      unreadable(sidecar.getFileName().toString());
      return;
    }
    manifest
        .get()
        .owner()
        .ifPresent(written -> requireOwner(sidecar.getFileName().toString(), written, owner));
    if (segment.problem().isEmpty()) {
      SegmentIdentity.ofOpen(storage, directory, manifest.get())
          .filter(Mismatch::foreign)
          .ifPresent(mismatch -> found.problem(mismatch.problem()));
    }
    if (manifest.get().segment().sizeInBytes() == segment.bytes()) {
      index(base, SegmentFiles.INDEX, manifest.get().indexCrc());
      index(base, SegmentFiles.TIME_INDEX, manifest.get().timeIndexCrc());
      if (manifest.get().transactionIndexCrc() > 0) { // There is a file, and it is known.
        index(base, SegmentFiles.TRANSACTION_INDEX, (int) manifest.get().transactionIndexCrc());
      }
    }
  }

  private void index(long base, String suffix, int crc) throws IOException {
    Path file = SegmentFiles.path(directory, base, suffix);
    if (!storage.exists(file)) {
      found.problem(Problem.of(file, "it is missing; it is made anew when the segment is read"));
    } else if (SegmentManifest.crcOf(
            java.nio.ByteBuffer.wrap(storage.readAll(file, Integer.MAX_VALUE - 8)))
        != crc) {
      found.problem(
          Problem.of(file, "it does not match its checksum; it is made anew when it is needed"));
    }
  }

  private void snapshots(List<String> names, LogFiles files) throws IOException {
    for (String name : names) {
      OptionalLong offset = SegmentFiles.offsetOf(name, SegmentFiles.SNAPSHOT);
      if (offset.isPresent()
          && !ProducerSnapshot.load(
              files, offset.getAsLong(), new ProducerStates(Long.MAX_VALUE))) {
        found.problem(
            Problem.of(
                directory.resolve(name),
                "it and its sidecar do not match; producers are read from the log instead"));
      }
    }
  }

  private void epochs(List<String> names, ManifestCheck check, LogFiles files) throws IOException {
    Optional<EpochHistory> epochs = EpochCheckpoint.read(storage, directory, files.owner());
    if (epochs.isEmpty() && names.contains(EpochCheckpoint.FILE_NAME)) {
      unreadable(EpochCheckpoint.FILE_NAME);
    } else if (epochs.isPresent() && !check.matches(epochs.get())) {
      found.problem(
          Problem.of(
              directory.resolve(EpochCheckpoint.FILE_NAME),
              "it is an older copy: it lacks epochs of the sealed segments"));
    }
  }
}
