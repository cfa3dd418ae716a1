package io.highwater.log.segment;

import io.highwater.log.index.OffsetIndex;
import io.highwater.log.index.SegmentIndexes;
import io.highwater.log.index.TimeIndex;
import io.highwater.log.index.TransactionIndex;
import io.highwater.log.io.Storage;
import io.highwater.log.io.StorageFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One segment: OPEN while it is written, then SEALED, then DELETED. A sealed one keeps its file and
 * indexes open only while {@link OpenSegments} has room. Any thread may {@link #acquire} it.
 */
public final class Segment {
  /** Where a segment is in its life; it never goes back, except that a cut may open it again. */
  public enum State {
    /** It is the log's tail. */
    OPEN,
    /** It is not written any more. */
    SEALED,
    /** It is no part of the log any more. */
    DELETED
  }

  /** Where whoever reads on from an offset finds the batch. */
  private record Remembered(long offset, PositionHint hint) {}

  private final Storage storage;
  private final Path directory;
  private final long baseOffset;
  private final int indexIntervalBytes;
  private final OpenSegments openSegments;
  private volatile SegmentData data;
  private volatile int sizeInBytes;
  private volatile State state;
  private volatile SegmentSummary summary;
  private volatile long lastAppendMs;
  private volatile boolean touched;
  private volatile Remembered remembered = new Remembered(PositionHint.UNKNOWN, null);

  private Segment(
      Storage storage,
      Path directory,
      long baseOffset,
      int indexIntervalBytes,
      OpenSegments openSegments,
      State state) {
    this.storage = storage;
    this.directory = directory;
    this.baseOffset = baseOffset;
    this.indexIntervalBytes = indexIntervalBytes;
    this.openSegments = openSegments;
    this.state = state;
  }

  /** A sealed segment whose files are there and are what {@code summary} says; all stay closed. */
  public static Segment sealed(
      Storage storage,
      Path directory,
      SegmentSummary summary,
      int indexIntervalBytes,
      OpenSegments openSegments) {
    Segment segment =
        sealed(storage, directory, summary.baseOffset(), indexIntervalBytes, openSegments);
    segment.summary = summary;
    segment.lastAppendMs = summary.lastAppendMs();
    return segment;
  }

  /** A segment whose files are there; nothing is opened yet, and of its content nothing known. */
  public static Segment sealed(
      Storage storage,
      Path directory,
      long baseOffset,
      int indexIntervalBytes,
      OpenSegments openSegments) {
    return new Segment(
        storage, directory, baseOffset, indexIntervalBytes, openSegments, State.SEALED);
  }

  /**
   * A sealed segment that compaction made and whose files have other names yet: it stays open until
   * {@link #settled}.
   *
   * @param log its file, open for reading; the segment closes it
   * @param indexes of it, complete
   */
  public static Segment swappedIn(
      Storage storage,
      Path directory,
      SegmentSummary summary,
      int indexIntervalBytes,
      OpenSegments openSegments,
      StorageFile log,
      SegmentIndexes indexes) {
    Segment segment = sealed(storage, directory, summary, indexIntervalBytes, openSegments);
    segment.sizeInBytes = (int) summary.sizeInBytes();
    segment.data = new SegmentData(log, indexes);
    return segment;
  }

  /** Its files have their names now: whoever reads it next opens them by these. */
  public void settled() {
    coolDown(data);
  }

  /** Base offset: the file's name. */
  public long baseOffset() {
    return baseOffset;
  }

  /** Where it is in its life. */
  public State state() {
    return state;
  }

  /** Bytes of the log file that readers may see; valid while acquired. */
  public int sizeInBytes() {
    return sizeInBytes;
  }

  /** What it holds; empty while it is written, and when it was just cut. */
  public Optional<SegmentSummary> summary() {
    return Optional.ofNullable(summary);
  }

  /** Adds the checksum to what is known, unless that changed meanwhile. Any thread. */
  public synchronized void completeSummary(SegmentSummary known, long logCrc) {
    if (known.equals(summary)) {
      summary = known.withLogCrc(logCrc);
    }
  }

  /**
   * Wall clock of the broker at the last append, ms since 1970; when a crash made that unknown, of
   * the opening after it. Any thread.
   */
  public long lastAppendMs() {
    return lastAppendMs;
  }

  /** The path of one of its files. */
  public Path path(String suffix) {
    return SegmentFiles.path(directory, baseOffset, suffix);
  }

  /**
   * Takes a reference on its open file and indexes, opening them first when they are cold; the
   * caller gives it back with {@link SegmentData#release}.
   *
   * @throws java.nio.file.NoSuchFileException when the segment was deleted meanwhile
   */
  public SegmentData acquire() throws IOException {
    touched = true;
    while (true) {
      SegmentData open = data;
      if (open == null) {
        open = openCold();
      }
      if (open.retain()) {
        return open;
      }
    }
  }

  /**
   * Where to start looking for the batch that holds {@code offset}: where a reader ended, or what
   * the index has. The former may be of before a cut.
   */
  public PositionHint lookup(SegmentData open, long offset) {
    Remembered recent = remembered;
    return recent.offset() == offset ? recent.hint() : indexed(open, offset);
  }

  /** As {@link #lookup}, by the index alone, which is cut with the log: what it says is there. */
  public PositionHint indexed(SegmentData open, long offset) {
    OffsetIndex offsets = open.offsets();
    int entry = offsets.floorEntry((int) Math.min(offset - baseOffset, Integer.MAX_VALUE));
    return entry < 0
        ? fromStart()
        : new PositionHint(
            PositionHint.UNKNOWN,
            baseOffset + offsets.relativeOffset(entry),
            offsets.position(entry));
  }

  /** The segment's first batch: no hint, it is there. */
  public PositionHint fromStart() {
    return new PositionHint(baseOffset, PositionHint.UNKNOWN, 0);
  }

  /**
   * Remembers where a batch begins, for whoever reads on from {@code offset}.
   *
   * @param baseOffset of the batch; above {@code offset} where a gap lies between
   */
  public void rememberPosition(long offset, long baseOffset, int position) {
    PositionHint hint = new PositionHint(baseOffset, PositionHint.UNKNOWN, position);
    remembered = new Remembered(offset, hint);
  }

  private SegmentData openCold() throws IOException {
    SegmentData open;
    synchronized (this) {
      if (data != null) {
        return data;
      }
      open = load();
      data = open;
    }
    // Not under the monitor: making room takes the monitors of other segments.
    openSegments.opened(this, open);
    return open;
  }

  private SegmentData load() throws IOException {
    if (state == State.DELETED) {
      throw new NoSuchFileException(path(SegmentFiles.LOG).toString());
    }
    StorageFile log = storage.open(path(SegmentFiles.LOG), Storage.OpenMode.READ);
    try {
      requireWhole(log.size());
      sizeInBytes = (int) Math.min(log.size(), Integer.MAX_VALUE);
      return new SegmentData(log, loadIndexes(log));
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** A cut between two batches, or an older copy, shows in the size alone (REC-3). */
  private void requireWhole(long bytes) {
    SegmentSummary known = summary;
    if (known != null && known.sizeInBytes() != bytes) {
      throw new SegmentDamagedException(
          path(SegmentFiles.LOG)
              + " is damaged: it ends at position "
              + bytes
              + ", it was sealed at "
              + known.sizeInBytes());
    }
  }

  private SegmentIndexes loadIndexes(StorageFile log) throws IOException {
    Optional<SegmentManifest> manifest = SegmentManifest.read(storage, directory, baseOffset);
    TransactionIndex transactions = TransactionIndex.UNKNOWN;
    if (manifest.isPresent() && manifest.get().segment().sizeInBytes() == sizeInBytes) {
      IndexFiles files = new IndexFiles(storage, directory, baseOffset);
      transactions = files.loadTransactions(manifest.get().transactionIndexCrc());
      Optional<OffsetIndex> offsets = files.loadOffsets(manifest.get().indexCrc());
      Optional<TimeIndex> times = files.loadTimes(manifest.get().timeIndexCrc());
      if (offsets.isPresent() && times.isPresent()) {
        SegmentIndexes indexes =
            new SegmentIndexes(
                baseOffset, indexIntervalBytes, offsets.get(), times.get(), transactions);
        SegmentScanner tail =
            new SegmentScanner(
                log, offsets.get().lastPosition(), sizeInBytes, SegmentScanner.Depth.HEADERS);
        while (tail.next()) {
          indexes.resume(tail.batch());
        }
        return indexes;
      }
    }
    return IndexRebuilder.rebuild(log, sizeInBytes, baseOffset, indexIntervalBytes, transactions);
  }

  /** Makes this the log's tail; {@code open} stays pinned until {@link #seal}. */
  synchronized void pin(SegmentData open, int bytes, long appendedMs) {
    SegmentData before = data;
    data = open;
    sizeInBytes = bytes;
    lastAppendMs = appendedMs;
    summary = null;
    state = State.OPEN;
    if (before != null && before != open) {
      before.release();
    }
  }

  /** Publishes bytes that were written, or cut. Writer only. */
  void publish(int bytes, long appendedMs) {
    lastAppendMs = appendedMs;
    sizeInBytes = bytes;
  }

  /** Ends the writing. The open file becomes one of those that may be closed for want of room. */
  void seal(SegmentSummary sealed) {
    summary = sealed;
    state = State.SEALED;
    SegmentData open = data;
    if (open != null) {
      openSegments.opened(this, open);
    }
  }

  /** Closes what is open and deletes the files; readers that hold a reference read on. */
  public void delete() throws IOException {
    state = State.DELETED;
    close();
    for (String suffix : SegmentFiles.OF_SEGMENT) {
      storage.deleteIfExists(path(suffix));
    }
  }

  /** Lets go of what is open; nobody writes it any more. */
  public synchronized void close() {
    SegmentData open = data;
    data = null;
    if (state == State.OPEN) {
      state = State.SEALED; // Opened again by a reader that came late, it is closed in its turn.
    }
    if (open != null) {
      open.release();
    }
  }

  boolean takeTouched() {
    boolean was = touched;
    touched = false;
    return was;
  }

  synchronized void coolDown(SegmentData expected) {
    // A segment that a cut made the tail again has other data, or is pinned.
    if (data == expected && state != State.OPEN) {
      data = null;
      expected.release();
    }
  }
}
