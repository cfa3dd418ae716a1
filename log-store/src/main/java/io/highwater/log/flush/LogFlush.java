package io.highwater.log.flush;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.checkpoint.PartitionMetadata;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentDamagedException;
import io.highwater.log.segment.SegmentData;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentManifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Makes what was appended to one log survive a power loss. Any thread but an event loop's. */
public final class LogFlush {
  private final LogContext context;
  private final LogView view;
  private final ManifestFile manifest;
  private final BooleanSupplier closed;
  private volatile Named named;

  /** Up to which segment the names in the directory are on the disk, as of so many cuts. */
  private record Named(int cuts, long baseOffset) {}

  /**
   * Flushes what {@code view} shows.
   *
   * @param closed whether the log was closed meanwhile
   */
  public LogFlush(LogContext context, LogView view, ManifestFile manifest, BooleanSupplier closed) {
    this.context = context;
    this.view = view;
    this.manifest = manifest;
    this.closed = closed;
    // An opening may find names that a killed process never made durable: the first flush does.
    this.named = new Named(view.cuts(), -1);
  }

  /** See {@link io.highwater.log.PartitionLog#flush}. */
  public void flush() {
    int cuts = view.cuts();
    flush(view.offsets().end(), cuts);
  }

  /** See {@link io.highwater.log.PartitionLog#flushSealed}. */
  public void flushSealed() {
    if (view.damage() != null) {
      return; // What is flushed counts as sound from then on.
    }
    int cuts = view.cuts();
    // A cut shows its end first: segments past it are on their way out.
    long end = Math.min(view.offsets().end(), view.segments().last().baseOffset());
    try {
      flush(end, cuts);
      cover(end, cuts);
    } catch (SegmentDamagedException e) {
      if (cuts == view.cuts()) {
        view.damaged(e.getMessage());
      }
    }
  }

  /** See {@link io.highwater.log.PartitionLog#rest}. */
  public void rest(boolean flushFirst) {
    int cuts = view.cuts();
    if (flushFirst && view.damage() == null) {
      flush(view.offsets().end(), cuts);
    }
    try {
      SegmentData tail = view.segments().last().acquire();
      try {
        tail.log().rest();
      } finally {
        tail.release();
      }
    } catch (IOException e) {
      if (!wasTakenAway(e, cuts)) {
        throw context.health().fail("closing a file of " + context.partition(), e);
      }
    }
  }

  private void flush(long end, int cuts) {
    context.health().check();
    long flushed = view.offsets().flushed();
    if (end <= flushed) {
      return;
    }
    try {
      force(flushed, end, cuts);
      view.flushedTo(end, cuts);
    } catch (IOException e) {
      if (!wasTakenAway(e, cuts)) {
        throw context.health().fail("flushing " + context.partition(), e);
      }
    }
  }

  private void cover(long end, int cuts) {
    try {
      manifest.cover(end, cuts);
    } catch (IOException e) {
      if (!wasTakenAway(e, cuts)) {
        throw context.health().refuse("writing the manifest of " + context.partition(), e);
      }
    }
  }

  /** Only a cut or the partition's removal may take a file away; a failed sync is none of them. */
  private boolean wasTakenAway(IOException e, int cuts) {
    return e instanceof NoSuchFileException && (cuts != view.cuts() || closed.getAsBoolean());
  }

  private void force(long from, long end, int cuts) throws IOException {
    SegmentList segments = view.segments();
    Named before = named;
    for (int i = segments.floorIndex(from);
        i < segments.size() && segments.get(i).baseOffset() < end;
        i++) {
      Segment segment = segments.get(i);
      if (before.cuts != cuts || before.baseOffset < segment.baseOffset()) {
        // First: where its bytes are, there is who wrote them (STO-11).
        SegmentManifest.force(context.storage(), context.directory(), segment.baseOffset());
      }
      force(segment);
    }
    long lastBase = segments.floor(end - 1).baseOffset();
    if (lastBase >= end) {
      return; // Nothing is in it yet, and it has no name of its own.
    }
    if (before.cuts != cuts || before.baseOffset < lastBase) {
      context.storage().syncDirectory(context.directory());
      promiseManifests(segments);
      named = new Named(cuts, lastBase);
    }
  }

  /** STO-11: in a log of an older version, once every segment has its manifest on the disk. */
  private void promiseManifests(SegmentList segments) throws IOException {
    Optional<PartitionMetadata> metadata =
        PartitionMetadata.read(context.storage(), context.directory())
            .filter(found -> found.isComplete() && !found.keepsManifests());
    if (metadata.isEmpty()) {
      return;
    }
    LogManifest covered = manifest.written();
    long from = covered.segments().isEmpty() ? 0 : covered.endOffset();
    for (Segment segment : segments.asList()) {
      long base = segment.baseOffset();
      if (base >= from) {
        if (!SegmentManifest.exists(context.storage(), context.directory(), base)) {
          return;
        }
        SegmentManifest.force(context.storage(), context.directory(), base);
      }
    }
    context.storage().syncDirectory(context.directory());
    metadata.get().keepingManifests().write(context.storage(), context.directory());
  }

  private static void force(Segment segment) throws IOException {
    SegmentData data;
    try {
      data = segment.acquire();
    } catch (NoSuchFileException e) {
      if (segment.state() == Segment.State.DELETED) {
        return; // Retention or compaction took it, and only what was flushed.
      }
      throw e;
    }
    try {
      data.log().force();
    } finally {
      data.release();
    }
  }
}
