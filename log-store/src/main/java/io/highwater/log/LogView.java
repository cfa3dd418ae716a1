package io.highwater.log;

import io.highwater.log.segment.SegmentList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * What readers see of a log. The owner publishes, any thread looks. A reader takes {@link #cuts()}
 * first and again when it has its bytes: when a cut came between, what it read may be replaced and
 * it starts over.
 */
public final class LogView {
  /** Of one moment, so that a flush that a cut overtook is not counted. */
  private record Published(LogOffsets offsets, int cuts) {}

  private final AtomicReference<Published> published;
  private final AtomicReference<SegmentList> segments;
  private final ReentrantLock sealedFiles = new ReentrantLock();
  private volatile boolean gaps;
  private volatile EpochHistory epochs;
  private volatile String damage;

  /** A log as it was opened, without gaps. */
  public LogView(LogOffsets offsets, SegmentList segments, EpochHistory epochs) {
    this(offsets, segments, epochs, false);
  }

  /**
   * A log as it was opened.
   *
   * @param gaps see {@link #gaps()}
   */
  public LogView(LogOffsets offsets, SegmentList segments, EpochHistory epochs, boolean gaps) {
    this.gaps = gaps;
    this.published = new AtomicReference<>(new Published(offsets, 0));
    this.segments = new AtomicReference<>(segments);
    this.epochs = epochs;
  }

  /** The offsets, of one moment. */
  public LogOffsets offsets() {
    return published.get().offsets();
  }

  /**
   * Whether offsets may be missing between two batches (STO-2): the log is, or was, compacted.
   * Batches never overlap or fall back all the same.
   */
  public boolean gaps() {
    return gaps;
  }

  /**
   * Whether a batch at {@code baseOffset} continues a log that ends at {@code end} (STO-2): at
   * once, or where there are gaps, anywhere above.
   */
  public boolean follows(long baseOffset, long end) {
    return gaps ? baseOffset >= end : baseOffset == end;
  }

  /** From now on there may be gaps, for good. */
  public void allowGaps() {
    gaps = true;
  }

  /** The segments, of one moment. */
  public SegmentList segments() {
    return segments.get();
  }

  /** The epochs, of one moment. */
  public EpochHistory epochs() {
    return epochs;
  }

  /** How often the log was cut so far. */
  public int cuts() {
    return published.get().cuts();
  }

  /** Publishes an append, and what it did to transactions. Owner only. */
  public void appendedTo(long end, long firstUndecided) {
    update(now -> now.appendedTo(end, firstUndecided));
  }

  /** Publishes the oldest undecided transaction. Owner only. */
  public void undecidedFrom(long offset) {
    if (offsets().firstUndecided() != offset) {
      update(now -> now.undecidedFrom(offset));
    }
  }

  /** Publishes a high watermark. Owner only. */
  public void committedTo(long highWatermark) {
    update(now -> now.committedTo(highWatermark));
  }

  /** Publishes a log start. Owner only. */
  public void startingAt(long start) {
    update(now -> now.startingAt(start));
  }

  /** Publishes a flush, unless the log was cut since {@code cutsBefore}. Any thread. */
  public void flushedTo(long end, int cutsBefore) {
    published.updateAndGet(
        now ->
            now.cuts() == cutsBefore
                ? new Published(now.offsets().flushedTo(end), now.cuts())
                : now);
  }

  /** Publishes a cut, before any byte goes. Owner only. */
  public void cut(LogOffsets after) {
    published.updateAndGet(now -> new Published(after, now.cuts() + 1));
  }

  /**
   * Publishes other segments, made from those that are there at that moment: a roll and a
   * compaction may come together. Whoever takes segments away holds {@link #sealedFiles()}.
   */
  public void changeSegments(UnaryOperator<SegmentList> change) {
    segments.updateAndGet(change);
  }

  /**
   * Held while files of sealed segments come, go or are listed in the log's manifest: by cuts,
   * retention, compaction's swap and the flush that writes the manifest. Appends and reads never
   * take it. Held for a few file operations, never while a segment is read or written.
   */
  public ReentrantLock sealedFiles() {
    return sealedFiles;
  }

  /** Publishes the epochs. Owner only. */
  public void epochs(EpochHistory history) {
    epochs = history;
  }

  /** What a read found damaged first, or null. */
  public String damage() {
    return damage;
  }

  /** Marks the log as damaged (STO-10). Any thread. */
  public void damaged(String what) {
    if (damage == null) {
      damage = what;
    }
  }

  private void update(UnaryOperator<LogOffsets> change) {
    published.updateAndGet(now -> new Published(change.apply(now.offsets()), now.cuts()));
  }
}
