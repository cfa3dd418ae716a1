package io.highwater.log.compact;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.PartitionFiles;
import io.highwater.log.flush.ManifestFile;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFullException;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Puts a cleaned segment in the place of its sources so that a crash leaves all of them or it, and
 * readers see one or the other (CMP-5, REC-6).
 *
 * <ol>
 *   <li>The log's manifest says below which offset tombstones go (CMP-6).
 *   <li>The files are there as {@code .cleaned}, forced.
 *   <li>They are renamed to {@code .swap}, the manifest last, and the directory is synced: from
 *       here on there is no way back but one. An opening that finds {@code .manifest.swap} goes on
 *       from here, without it the files go.
 *   <li>The log's manifest names the new segment, durably.
 *   <li>Readers get the new list.
 *   <li>The sources go, the files get their names, the manifest last again, and the directory is
 *       synced.
 * </ol>
 *
 * <p>All under {@link LogView#sealedFiles()}, so no cut and no retention comes in between.
 */
public final class SegmentSwap {
  private static final List<String> MANIFEST_LAST =
      List.of(
          SegmentFiles.LOG,
          SegmentFiles.INDEX,
          SegmentFiles.TIME_INDEX,
          SegmentFiles.TRANSACTION_INDEX,
          SegmentFiles.MANIFEST);

  private static final List<String> SOURCE_FILES =
      Stream.concat(
              SegmentFiles.OF_SEGMENT.stream(),
              Stream.of(SegmentFiles.SNAPSHOT_RECENT, SegmentFiles.SNAPSHOT))
          .toList();

  private final LogContext context;
  private final LogView view;
  private final ManifestFile manifest;
  private final BooleanSupplier closed;

  /** Swaps segments of the log of these parts. */
  SegmentSwap(LogContext context, LogView view, ManifestFile manifest, BooleanSupplier closed) {
    this.context = context;
    this.view = view;
    this.manifest = manifest;
    this.closed = closed;
  }

  /**
   * Replaces {@code sources} by a complete segment.
   *
   * @param tombstonesEnd exclusive end of the tombstones and markers that are not in it any more
   * @param cutsBefore {@link LogView#cuts()} before the sources were read
   * @return false, without effect, when the log was cut or closed since, or retention took a source
   * @throws HighwaterException STORAGE_FULL, without effect; KAFKA_STORAGE_ERROR
   */
  boolean replace(
      List<Segment> sources,
      CleanedSegment cleaned,
      SegmentSummary summary,
      long tombstonesEnd,
      int cutsBefore) {
    view.sealedFiles().lock();
    try {
      if (cutsBefore != view.cuts() || closed.getAsBoolean() || !view.segments().holds(sources)) {
        return false;
      }
      context.health().check();
      manifest.tombstonesGo(tombstonesEnd);
      commit(summary);
      Segment result = cleaned.handOver();
      view.changeSegments(segments -> segments.replaced(sources, result));
      for (Segment source : sources) {
        source.delete();
        if (source.baseOffset() > summary.baseOffset()) {
          ProducerSnapshot.delete(context.storage(), context.directory(), source.baseOffset());
        }
      }
      rename(context, summary.baseOffset(), SegmentFiles.SWAP, "");
      context.storage().syncDirectory(context.directory());
      result.settled();
      return true;
    } catch (IOException e) {
      throw context.health().refuse("swapping segments of " + context.partition(), e);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  private void commit(SegmentSummary summary) throws IOException {
    try {
      rename(context, summary.baseOffset(), SegmentFiles.CLEANED, SegmentFiles.SWAP);
      context.storage().syncDirectory(context.directory());
      manifest.compacted(segments -> withSwapped(segments, summary), view.cuts());
    } catch (StorageFullException e) {
      takeBack(summary.baseOffset());
      throw e;
    }
  }

  /** The manifest goes first: without it the others mean nothing. */
  private void takeBack(long baseOffset) throws IOException {
    for (int i = MANIFEST_LAST.size() - 1; i >= 0; i--) {
      String name = MANIFEST_LAST.get(i) + SegmentFiles.SWAP;
      context.storage().deleteIfExists(SegmentFiles.path(context.directory(), baseOffset, name));
      if (MANIFEST_LAST.get(i).equals(SegmentFiles.MANIFEST)) {
        context.storage().syncDirectory(context.directory());
      }
    }
  }

  private static List<SegmentSummary> withSwapped(
      List<SegmentSummary> segments, SegmentSummary swapped) {
    List<SegmentSummary> changed = new ArrayList<>();
    boolean in = false;
    for (SegmentSummary segment : segments) {
      if (!in && segment.baseOffset() >= swapped.baseOffset()) {
        changed.add(swapped);
        in = true;
      }
      if (segment.baseOffset() < swapped.baseOffset()
          || segment.baseOffset() >= swapped.endOffset()) {
        changed.add(segment);
      }
    }
    if (!in) {
      changed.add(swapped);
    }
    return changed;
  }

  private static void rename(LogContext context, long baseOffset, String from, String to)
      throws IOException {
    Storage storage = context.storage();
    for (String suffix : MANIFEST_LAST) {
      Path source = SegmentFiles.path(context.directory(), baseOffset, suffix + from);
      if (storage.exists(source)) {
        storage.rename(source, SegmentFiles.path(context.directory(), baseOffset, suffix + to));
      }
    }
  }

  /**
   * Finishes the swaps that a crash interrupted and removes what never came to one, before a log is
   * opened. May itself be interrupted and repeated.
   *
   * @param names of the files in the partition's directory
   * @throws HighwaterException KAFKA_STORAGE_ERROR when a committed segment does not read
   */
  public static void finishPending(LogContext context, List<String> names) throws IOException {
    if (names.stream().noneMatch(PartitionFiles::isOfCompaction)) {
      return;
    }
    Storage storage = context.storage();
    for (String name : names) {
      OptionalLong base = SegmentFiles.offsetOf(name, SegmentFiles.MANIFEST + SegmentFiles.SWAP);
      if (base.isPresent()) {
        finish(context, base.getAsLong(), names);
      }
    }
    for (String name : storage.list(context.directory())) {
      if (PartitionFiles.isOfCompaction(name)) {
        storage.deleteIfExists(context.directory().resolve(name));
      }
    }
  }

  private static void finish(LogContext context, long base, List<String> names) throws IOException {
    Storage storage = context.storage();
    Path directory = context.directory();
    SegmentSummary swapped =
        SegmentManifest.read(storage, directory, base, SegmentFiles.SWAP)
            .filter(found -> !found.isForeign(context.owner()))
            .map(SegmentManifest::segment)
            .orElseThrow(
                () -> damaged(context, base, "its manifest does not read, or is another log's"));
    Path log = SegmentFiles.path(directory, base, SegmentFiles.LOG);
    Path pending = SegmentFiles.path(directory, base, SegmentFiles.LOG + SegmentFiles.SWAP);
    Path present = storage.exists(pending) ? pending : log;
    if (!storage.exists(present) || storage.size(present) != swapped.sizeInBytes()) {
      throw damaged(context, base, present.getFileName() + " is not the one that was written");
    }
    Optional<LogManifest> manifest =
        LogManifest.read(storage, directory).filter(found -> !found.isForeign(context.owner()));
    if (manifest.isPresent()) {
      new LogManifest(
              Optional.of(context.owner()),
              true,
              manifest.get().logStart(),
              withSwapped(manifest.get().segments(), swapped),
              manifest.get().tombstoneHorizon())
          .write(storage, directory);
    }
    for (String name : names) {
      for (String suffix : SOURCE_FILES) {
        OptionalLong offset = SegmentFiles.offsetOf(name, suffix);
        if (offset.isPresent()
            && offset.getAsLong() > base
            && offset.getAsLong() < swapped.endOffset()) {
          storage.deleteIfExists(directory.resolve(name));
        }
      }
    }
    rename(context, base, SegmentFiles.SWAP, "");
    storage.syncDirectory(directory);
  }

  private static HighwaterException damaged(LogContext context, long base, String what) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        context.partition() + " has a damaged swap of segment " + base + ": " + what);
  }
}
