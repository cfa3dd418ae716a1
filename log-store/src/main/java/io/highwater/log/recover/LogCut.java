package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.append.LogAppender;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.flush.ManifestFile;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.PositionHint;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentScanner;
import io.highwater.log.segment.SegmentWriter;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import java.io.IOException;
import java.util.List;

/**
 * Cuts a log on divergence, and everything derived with it: epochs, producers, checkpoints. Owner
 * thread only. A fault half-way takes the directory offline: what is in memory no longer says what
 * is on the disk.
 */
public final class LogCut {
  private final LogContext context;
  private final LogView view;
  private final ProducerStates producers;
  private final LogAppender appender;
  private final ManifestFile manifest;

  /** Cuts the log of these parts. */
  public LogCut(
      LogContext context,
      LogView view,
      ProducerStates producers,
      LogAppender appender,
      ManifestFile manifest) {
    this.context = context;
    this.view = view;
    this.producers = producers;
    this.appender = appender;
    this.manifest = manifest;
  }

  /** See {@link io.highwater.log.PartitionLog#truncateTo}. */
  public void truncateTo(long offset) {
    LogOffsets offsets = view.offsets();
    if (offset < offsets.start()) {
      resetTo(offset);
      return;
    }
    view.sealedFiles().lock();
    try {
      if (offset < offsets.end()) {
        cutAt(offset);
      } else {
        cutEpochs(offset);
      }
    } catch (IOException e) {
      throw context.health().fail("truncating " + context.partition() + " to " + offset, e);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  /** See {@link io.highwater.log.PartitionLog#resetTo}. */
  public void resetTo(long offset) {
    if (isNewAt(offset)) {
      return;
    }
    view.sealedFiles().lock();
    try {
      intendReset(offset);
      view.cut(LogOffsets.emptyAt(offset));
      manifest.clear();
      for (Segment segment : view.segments().asList()) {
        segment.delete();
      }
      SegmentWriter tail = LogReset.finish(context, offset);
      producers.clear();
      view.epochs(EpochHistory.EMPTY);
      view.changeSegments(replaced -> new SegmentList(List.of(tail.segment())));
      appender.continueAt(tail);
    } catch (IOException e) {
      throw context.health().fail("resetting " + context.partition() + " to " + offset, e);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  /** Nothing was ever in it: an epoch is written down before its first record. */
  private boolean isNewAt(long offset) {
    LogOffsets offsets = view.offsets();
    return offsets.start() == offset
        && offsets.end() == offset
        && view.epochs().entries().isEmpty()
        && manifest.written().tombstoneHorizon() == 0
        && view.segments().asList().size() == 1
        && view.segments().last().baseOffset() == offset;
  }

  /** Until this is written nothing has changed, and a full disk may have room later. */
  private void intendReset(long offset) {
    try {
      LogReset.intend(context, offset);
    } catch (IOException e) {
      throw context.health().refuse("resetting " + context.partition() + " to " + offset, e);
    }
  }

  private void cutAt(long offset) throws IOException {
    LogOffsets offsets = view.offsets();
    SegmentList segments = view.segments();
    int index = segments.floorIndex(offset);
    Place place = placeOf(segments.get(index), offset);
    if (place.endOffset < offsets.start()) {
      resetTo(offsets.start());
      return;
    }
    // Shown first: a checkpoint written beside this sees it, or is put right by the next line.
    view.cut(offsets.truncatedTo(place.endOffset));
    context.checkpoints().cutTo(context.partition(), place.endOffset);
    manifest.cutTo(segments.get(index).baseOffset());
    view.changeSegments(whole -> whole.head(index + 1));
    // From the back, so that a crash in between leaves a shorter log, not one with a hole.
    for (int i = segments.size() - 1; i > index; i--) {
      SegmentManifest.leaves(context.storage(), context.directory(), segments.get(i).baseOffset());
      segments.get(i).delete();
    }
    SegmentWriter tail =
        SegmentWriter.resume(
            context.files(),
            segments.get(index),
            context.config().indexIntervalBytes(),
            place.position,
            place.endOffset,
            context.clock().time());
    appender.continueAt(tail);
    ProducerReplay replay = new ProducerReplay(context);
    replay.deleteAbove(place.endOffset);
    flush(segments.get(index));
    cutEpochs(place.endOffset);
    long first = segments.first().baseOffset();
    long from = Math.max(first, replay.loadSnapshot(first, place.endOffset, producers));
    replay.replay(view.segments(), from, place.endOffset, producers, aborted -> {});
    view.undecidedFrom(producers.firstUndecided(view.offsets().highWatermark()));
  }

  /** An older manifest must not come back beside what is written from now on (STO-11). */
  private void flush(Segment segment) throws IOException {
    SegmentManifest.force(context.storage(), context.directory(), segment.baseOffset());
    SegmentData data = segment.acquire();
    try {
      data.log().force();
    } finally {
      data.release();
    }
    context.storage().syncDirectory(context.directory());
  }

  /** LEP-6: also when no record goes. */
  private void cutEpochs(long endOffset) throws IOException {
    EpochHistory before = view.epochs();
    EpochHistory after = before.truncatedTo(endOffset);
    if (!after.equals(before)) {
      EpochCheckpoint.write(context.storage(), context.directory(), context.owner(), after);
      view.epochs(after);
    }
  }

  private record Place(int position, long endOffset) {}

  /** Where the batch that holds {@code offset} begins: batches go whole. */
  private Place placeOf(Segment segment, long offset) throws IOException {
    SegmentData data = segment.acquire();
    try {
      Place place =
          view.gaps()
              ? placeInGaps(segment, data, offset)
              : placeFrom(segment.lookup(data, offset), segment, data, offset);
      if (place == null && !view.gaps()) {
        // STO-5: the hint may be of before an earlier cut, the way from the start is not.
        place = placeFrom(segment.fromStart(), segment, data, offset);
      }
      if (place == null) {
        throw new HighwaterException(
            ErrorCode.KAFKA_STORAGE_ERROR,
            context.partition() + ": no batch holds offset " + offset);
      }
      return place;
    } finally {
      data.release();
    }
  }

  /**
   * Where gaps may be the log ends with the batch before: an opening could not find an end that
   * lies in a gap.
   */
  private static Place placeInGaps(Segment segment, SegmentData data, long offset)
      throws IOException {
    SegmentScanner scan =
        new SegmentScanner(data.log(), 0, segment.sizeInBytes(), SegmentScanner.Depth.HEADERS);
    long end = segment.baseOffset();
    while (scan.next()) {
      if (scan.batch().baseOffset() < end) {
        return null;
      }
      if (scan.batch().lastOffset() >= offset) {
        return new Place(scan.position(), end);
      }
      end = scan.batch().nextOffset();
    }
    return scan.problem() == null ? new Place(scan.position(), end) : null;
  }

  private static Place placeFrom(PositionHint hint, Segment segment, SegmentData data, long offset)
      throws IOException {
    SegmentScanner scan =
        new SegmentScanner(
            data.log(), hint.position(), segment.sizeInBytes(), SegmentScanner.Depth.HEADERS);
    long expected = PositionHint.UNKNOWN;
    while (scan.next()) {
      BatchView batch = scan.batch();
      boolean due =
          expected == PositionHint.UNKNOWN
              ? hint.matches(batch, false)
              : batch.baseOffset() == expected;
      if (!due || batch.baseOffset() > offset) {
        return null;
      }
      if (batch.lastOffset() >= offset) {
        return new Place(scan.position(), batch.baseOffset());
      }
      expected = batch.nextOffset();
    }
    return null;
  }
}
