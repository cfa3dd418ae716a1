package io.highwater.log.flush;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.segment.LogCrc;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * The {@link LogManifest} of one log on the disk. It changes under {@link LogView#sealedFiles()},
 * and nothing that began before a cut is written after it. Any thread but an event loop's, except
 * where said; every change is durable on return.
 */
public final class ManifestFile {
  private static final int READ_BYTES = 128 << 10;

  private final LogContext context;
  private final LogView view;
  private final BooleanSupplier closed;
  private volatile LogManifest written;

  /**
   * The manifest of an open log.
   *
   * @param written what is on the disk, {@link LogManifest#EMPTY} when nothing is that counts
   * @param closed whether the log was closed: its directory may be another log's by then
   */
  public ManifestFile(
      LogContext context, LogView view, LogManifest written, BooleanSupplier closed) {
    this.context = context;
    this.view = view;
    this.written = written;
    this.closed = closed;
  }

  /** What is on the disk. Any thread. */
  public LogManifest written() {
    return written;
  }

  /**
   * Adds the sealed segments that end at or below {@code end}, which were forced, and drops what
   * lies below the log start. Does nothing when a cut came since {@code cutsBefore}, or the log was
   * closed.
   */
  public void cover(long end, int cutsBefore) throws IOException {
    for (Segment segment : notCovered(end)) {
      completeCrc(segment); // Reads it: not under the lock.
    }
    view.sealedFiles().lock();
    try {
      if (closed.getAsBoolean()) {
        return;
      }
      long start = view.offsets().start();
      List<SegmentSummary> covered = new ArrayList<>(written.segments());
      notCovered(end).forEach(segment -> segment.summary().ifPresent(covered::add));
      covered.removeIf(segment -> segment.endOffset() <= start);
      replace(
          manifest(
              hasGaps(), Math.max(start, written.logStart()), covered, written.tombstoneHorizon()),
          cutsBefore);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  private List<Segment> notCovered(long end) {
    long next = written.segments().isEmpty() ? 0 : written.endOffset();
    List<Segment> found = new ArrayList<>();
    for (Segment segment : view.segments().asList()) {
      if (segment.baseOffset() >= next) {
        Optional<SegmentSummary> summary = segment.summary();
        if (summary.isEmpty() || summary.get().endOffset() > end) {
          break;
        }
        found.add(segment);
      }
    }
    return found;
  }

  /**
   * Replaces segments by others, and notes that offsets may be missing from now on. The caller
   * holds {@link LogView#sealedFiles()}.
   *
   * @param change from the segments named now to those named then
   * @return false, with nothing changed, when a cut came since {@code cutsBefore}
   */
  public boolean compacted(UnaryOperator<List<SegmentSummary>> change, int cutsBefore)
      throws IOException {
    List<SegmentSummary> after = change.apply(written.segments());
    return replace(
        manifest(true, written.logStart(), after, written.tombstoneHorizon()), cutsBefore);
  }

  /**
   * Notes that tombstones below {@code end} go, before they do (CMP-6). The caller holds {@link
   * LogView#sealedFiles()}.
   */
  public void tombstonesGo(long end) throws IOException {
    if (end > written.tombstoneHorizon()) {
      replace(withHorizon(end), view.cuts());
    }
  }

  /** Takes over the horizon of the log that this one, still empty, will be a copy of. Owner. */
  public void inherited(long horizon) throws IOException {
    view.sealedFiles().lock();
    try {
      tombstonesGo(horizon);
    } finally {
      view.sealedFiles().unlock();
    }
  }

  private LogManifest withHorizon(long horizon) {
    return manifest(
        hasGaps(),
        Math.max(view.offsets().start(), written.logStart()),
        written.segments(),
        horizon);
  }

  /**
   * Drops what ends above {@code end}, before a cut takes it. Owner, after the cut was shown, with
   * {@link LogView#sealedFiles()} held.
   */
  public void cutTo(long end) throws IOException {
    List<SegmentSummary> kept = new ArrayList<>(written.segments());
    kept.removeIf(segment -> segment.endOffset() > end);
    // What was dropped above the new end is not missing there: other records come instead.
    long horizon = Math.min(written.tombstoneHorizon(), view.offsets().end());
    replace(manifest(hasGaps(), written.logStart(), kept, horizon), view.cuts());
  }

  private LogManifest manifest(
      boolean gaps, long logStart, List<SegmentSummary> segments, long tombstoneHorizon) {
    return new LogManifest(
        Optional.of(context.owner()), gaps, logStart, segments, tombstoneHorizon);
  }

  /** A follower's log has the gaps of the one that it copies. */
  private boolean hasGaps() {
    return written.gaps() || view.gaps();
  }

  /**
   * Takes the manifest away, before the log begins anew. Owner, after the cut was shown, with
   * {@link LogView#sealedFiles()} held.
   */
  public void clear() throws IOException {
    LogManifest.delete(context.storage(), context.directory());
    written = LogManifest.EMPTY;
  }

  private boolean replace(LogManifest manifest, int cutsBefore) throws IOException {
    if (view.cuts() != cutsBefore) {
      return false;
    }
    boolean upgrade = written.owner().isEmpty() && !manifest.segments().isEmpty();
    if (upgrade || !manifest.saysTheSameAs(written)) {
      manifest.write(context.storage(), context.directory());
      written = manifest;
    }
    return true;
  }

  /** The checksum is not known where the log went on after a cut. */
  private static void completeCrc(Segment segment) throws IOException {
    SegmentSummary summary = segment.summary().orElse(null);
    if (summary == null || summary.logCrc() != LogCrc.UNKNOWN) {
      return;
    }
    SegmentData data;
    try {
      data = segment.acquire();
    } catch (NoSuchFileException e) {
      if (segment.state() == Segment.State.DELETED) {
        return; // Retention or compaction took it meanwhile.
      }
      throw e;
    }
    try {
      LogCrc crc = new LogCrc(0);
      ByteBuffer piece = ByteBuffer.allocate(READ_BYTES);
      long at = 0;
      while (at < summary.sizeInBytes()) {
        piece.clear().limit((int) Math.min(READ_BYTES, summary.sizeInBytes() - at));
        int read = data.log().readFully(piece, at);
        if (read == 0) {
          return; // A cut: this will not be written.
        }
        crc.update(piece.flip());
        at += read;
      }
      segment.completeSummary(summary, crc.value());
    } finally {
      data.release();
    }
  }
}
