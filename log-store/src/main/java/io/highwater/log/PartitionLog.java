package io.highwater.log;

import io.highwater.log.append.LogAppender;
import io.highwater.log.compact.LogCompaction;
import io.highwater.log.flush.LogFlush;
import io.highwater.log.flush.ManifestFile;
import io.highwater.log.index.AbortedTransaction;
import io.highwater.log.producer.ProducerSnapshot;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.read.LogReader;
import io.highwater.log.read.LogSlice;
import io.highwater.log.read.LogSlicer;
import io.highwater.log.read.ReadResult;
import io.highwater.log.read.TimestampSearch;
import io.highwater.log.recover.AbortedSearch;
import io.highwater.log.recover.LastKnown;
import io.highwater.log.recover.LogCut;
import io.highwater.log.recover.LogRecovery;
import io.highwater.log.recover.OpenedLog;
import io.highwater.log.recover.RecoveryReport;
import io.highwater.log.retain.LogRetention;
import io.highwater.log.segment.Segment;
import io.highwater.log.verify.LogScrub;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.record.BatchHeader;
import io.highwater.proto.record.BatchLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The log of one partition.
 *
 * <p>One owner thread at a time appends, truncates, moves the high watermark and closes; hand-overs
 * between owners need a happens-before of their own. Any thread may read, look at the offsets and
 * {@link #flush()}. Nothing here blocks on a lock; appends write into the page cache, and only
 * {@link #flush()}, {@link #truncateTo}, {@link #resetTo} and the start of a leader epoch ({@link
 * #onBecomeLeader}, {@link #beginsEpoch}) wait for the disk.
 *
 * <p>Buffers are borrowed until a method returns. Those that are appended must be backed by an
 * array.
 *
 * <p>After an I/O error the log directory is offline: appends fail with KAFKA_STORAGE_ERROR until
 * restart. A full disk refuses appends with STORAGE_FULL while it lasts, and nothing else.
 */
public final class PartitionLog implements AutoCloseable {
  private final LogContext context;
  private final LogView view;
  private final ProducerStates producers;
  private final LogAppender appender;
  private final ManifestFile manifest;
  private final LogFlush flush;
  private final LogCompaction compaction;
  private final LogCut cut;
  private final LogRetention retention;
  private final LogReader reader;
  private final TimestampSearch timestamps;
  private final RecoveryReport recovery;
  private volatile boolean closed;
  private long endAtRest = -1;

  private PartitionLog(LogContext context, OpenedLog opened) {
    this.context = context;
    this.view = opened.view();
    this.producers = opened.producers();
    this.recovery = opened.report();
    this.appender = new LogAppender(context, view, producers, opened.tail());
    this.manifest = new ManifestFile(context, view, opened.manifest(), () -> closed);
    this.flush = new LogFlush(context, view, manifest, () -> closed);
    this.compaction =
        new LogCompaction(context, view, producers, manifest, this::flushSealed, () -> closed);
    this.cut = new LogCut(context, view, producers, appender, manifest);
    this.retention = new LogRetention(context, view, appender);
    this.reader = new LogReader(context, view);
    this.timestamps = new TimestampSearch(context, view);
  }

  /**
   * Opens a log, recovering it when it was not closed cleanly; creates it when its directory is
   * empty. Reads and checks everything past the recovery point: not for an event loop.
   *
   * @param lastKnown what the directory's checkpoints say of it
   * @throws HighwaterException KAFKA_STORAGE_ERROR when it is damaged below its recovery point
   *     (REC-3) or the files cannot be read; STORAGE_FULL
   */
  public static PartitionLog open(LogContext context, LastKnown lastKnown) {
    try {
      return new PartitionLog(context, LogRecovery.open(context, lastKnown));
    } catch (IOException e) {
      throw context.health().refuse("opening " + context.partition(), e);
    }
  }

  /** Whose log this is. */
  public TopicPartition partition() {
    return context.partition();
  }

  /** What opening it found. */
  public RecoveryReport recovery() {
    return recovery;
  }

  /** All offsets, of one moment. Any thread. */
  public LogOffsets offsets() {
    return view.offsets();
  }

  /** The first offset that may be read. Any thread. */
  public long logStartOffset() {
    return view.offsets().start();
  }

  /** Exclusive end of what is committed, as far as this replica knows. Any thread. */
  public long highWatermark() {
    return view.offsets().highWatermark();
  }

  /** Exclusive end of what a reader of committed transactions may see. Any thread. */
  public long lastStableOffset() {
    return view.offsets().lastStable();
  }

  /** The next offset. Any thread. */
  public long logEndOffset() {
    return view.offsets().end();
  }

  /** Exclusive end of what survives a power loss. Any thread. */
  public long flushedOffset() {
    return view.offsets().flushed();
  }

  /** The latest leader epoch, or {@link EpochEnd#NONE}. Any thread. */
  public int lastEpoch() {
    return view.epochs().lastEpoch();
  }

  /** The leader epochs of this log. Any thread. */
  public EpochHistory epochs() {
    return view.epochs();
  }

  /** The largest epoch not above {@code epoch}, and where it ends (LEP-3). Any thread. */
  public EpochEnd endOf(int epoch) {
    return view.epochs().endOf(epoch, view.offsets().end());
  }

  /**
   * Whether {@code offset} is in the active segment, whose bytes are most likely in the page cache;
   * a read of any other may wait for the disk. Any thread, cheap.
   */
  public boolean isHot(long offset) {
    return offset >= view.segments().last().baseOffset();
  }

  /**
   * What a read or a scrub found damaged in this log, once one did (STO-10): the replica must not
   * lead or count as in sync. Any thread.
   */
  public Optional<String> damage() {
    return Optional.ofNullable(view.damage());
  }

  /**
   * Appends one batch of a client. The base offset and leader epoch are stamped into the caller's
   * buffer; no other byte changes. A retry of one of the producer's last five batches appends
   * nothing and says where the batch is (IDM-2).
   *
   * @param batch one batch, from position to limit; consumed when it is appended
   * @param leaderEpoch of this leader, not below {@link #lastEpoch()}
   * @throws HighwaterException the errors of {@link
   *     io.highwater.proto.record.BatchValidator#validate}, {@link
   *     io.highwater.proto.record.ContentValidator#validate} and {@link ProducerStates#check};
   *     FENCED_LEADER_EPOCH; STORAGE_FULL; KAFKA_STORAGE_ERROR. Nothing is appended then (STO-7)
   */
  public AppendResult appendAsLeader(ByteBuffer batch, int leaderEpoch) {
    return appendAsLeader(batch, leaderEpoch, false);
  }

  /**
   * As {@link #appendAsLeader(ByteBuffer, int)}.
   *
   * @param validated whether both validators let the batch pass already, by this log's settings
   */
  public AppendResult appendAsLeader(ByteBuffer batch, int leaderEpoch, boolean validated) {
    requireWritable();
    context.health().space().take(batch.remaining());
    return appender.appendAsLeader(batch, leaderEpoch, validated);
  }

  /**
   * Appends batches as the leader stored them. All of them are checked before the first is written.
   *
   * @param batches one or more whole batches, from position to limit; consumed
   * @param previousEnd where the batch before the first ended on the leader: this log's end (REP-7)
   * @param leaderEpoch in which they were sent; no batch has a later one
   * @return base offset of the first and last offset of the last
   * @throws HighwaterException OFFSET_OUT_OF_RANGE when they do not follow on this log's end;
   *     CORRUPT_MESSAGE for damaged bytes, a break in offsets (STO-2) or epochs (LEP-4);
   *     FENCED_LEADER_EPOCH; STORAGE_FULL; KAFKA_STORAGE_ERROR. With the last two a first part may
   *     have been appended: {@link #logEndOffset()} tells
   */
  public AppendResult appendAsFollower(ByteBuffer batches, long previousEnd, int leaderEpoch) {
    requireWritable();
    context.health().space().take(batches.remaining());
    return appender.appendAsFollower(batches, previousEnd, leaderEpoch);
  }

  /**
   * Whether appending these as a follower records that an epoch begins, and so waits for the disk.
   * Owner only; the batches need not be checked yet.
   *
   * @param batches as for {@link #appendAsFollower}; untouched
   * @param leaderEpoch in which they were sent
   */
  public boolean beginsEpoch(ByteBuffer batches, int leaderEpoch) {
    return leaderEpoch > lastEpoch() && appender.beginsEpoch(batches);
  }

  /**
   * Records durably that {@code epoch} begins at the log's end, before a new leader appends. Where
   * the last offsets were compacted away it appends a batch without records: followers could not
   * come to the log's end otherwise.
   *
   * @throws HighwaterException FENCED_LEADER_EPOCH when the log is in a later epoch; STORAGE_FULL;
   *     KAFKA_STORAGE_ERROR
   */
  public void onBecomeLeader(int epoch) {
    requireWritable();
    if (epoch < lastEpoch()) {
      throw new HighwaterException(
          ErrorCode.FENCED_LEADER_EPOCH,
          "LEP-4: leader epoch " + epoch + ", the log is in " + lastEpoch());
    }
    appender.assignEpochStart(epoch, logEndOffset());
    if (endsInGap()) {
      appender.appendEmpty(epoch);
    }
  }

  private boolean endsInGap() {
    LogOffsets offsets = view.offsets();
    if (!view.gaps() || appender.tail().size() > 0 || offsets.start() == offsets.end()) {
      return false;
    }
    ByteBuffer header = ByteBuffer.allocate(BatchLayout.HEADER_BYTES);
    return reader.read(offsets.end() - 1, offsets.end(), header).endOffset() == offsets.end();
  }

  /**
   * Reads whole batches, from the one that holds {@code offset} on, as they are in the file; their
   * CRC is checked (STO-10). One call stays within a segment, so it may return less than there is.
   * Any thread.
   *
   * @param offset where to read, from the log start to the log end
   * @param ceilingOffset batches that end above it are left out: the high watermark for consumers,
   *     {@link Long#MAX_VALUE} for replicas
   * @param into takes the bytes at its position, which moves on; at least 61 bytes of room; what
   *     lies behind the new position is undefined. A direct buffer is filled by the file itself,
   *     one on the heap through another copy
   * @throws HighwaterException OFFSET_OUT_OF_RANGE; KAFKA_STORAGE_ERROR when the bytes are damaged
   *     or cannot be read
   */
  public ReadResult read(long offset, long ceilingOffset, ByteBuffer into) {
    requireOpen();
    return reader.read(offset, ceilingOffset, into);
  }

  /**
   * The header of the batch that holds {@code offset}, once its CRC is checked (STO-10); empty when
   * the offset was compacted away. May read from the disk. Any thread.
   *
   * @param offset from the log start to below the log end
   * @throws HighwaterException as {@link #read} does
   */
  public Optional<BatchHeader> headerAt(long offset) {
    requireOpen();
    return reader.headerAt(offset);
  }

  /**
   * The header of the last batch, when no look at the disk is needed for it: it was appended since
   * the log was opened or cut, or {@link #remember} was called. Owner only.
   */
  public Optional<BatchHeader> lastHeader() {
    return appender.lastHeader();
  }

  /**
   * Keeps the header of the last batch for {@link #lastHeader}, if it still is that. Owner only.
   */
  public void remember(BatchHeader header) {
    appender.remember(header);
  }

  /**
   * Exclusive end of the offsets below which a cleaning dropped tombstones or markers, here or
   * where this log was copied from (CMP-6): whoever ends below has perhaps what they deleted. Any
   * thread; a read that misses a tombstone comes after this has risen.
   */
  public long tombstoneHorizon() {
    return manifest.written().tombstoneHorizon();
  }

  /**
   * The log is a copy, from its start, of one whose horizon this is; to be called while it is
   * empty. Durable on return.
   *
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR
   */
  public void inheritTombstoneHorizon(long horizon) {
    requireWritable();
    try {
      manifest.inherited(horizon);
    } catch (IOException e) {
      throw context.health().refuse("recording what " + context.partition() + " lacks", e);
    }
  }

  /**
   * Whether offsets may be missing: the log is, was, or is a copy of a compacted one. Any thread.
   */
  public boolean mayHaveGaps() {
    return view.gaps();
  }

  /**
   * The region of a file that holds whole batches, from the one that holds {@code offset} on: for
   * whoever sends them elsewhere without looking at them. Their CRC is checked (STO-10). It stays
   * within a segment. Any thread.
   *
   * @param offset where to begin, from the log start to the log end
   * @param ceilingOffset batches that end above it are left out, as {@link #read} does
   * @param maxBytes more only when the first batch alone is larger
   * @return empty when there is nothing below the ceiling; to be closed
   * @throws HighwaterException as {@link #read} does
   */
  public Optional<LogSlice> slice(long offset, long ceilingOffset, int maxBytes) {
    requireOpen();
    return new LogSlicer(context, view).slice(offset, ceilingOffset, maxBytes);
  }

  /**
   * The first record whose timestamp is at or after {@code timestampMs}, at an offset below {@code
   * ceilingOffset}; empty when there is none. May read from the disk. Any thread.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR when the bytes are damaged or cannot be read;
   *     CORRUPT_MESSAGE when a sound batch cannot be decompressed
   */
  public Optional<OffsetAtTimestamp> offsetForTimestamp(long timestampMs, long ceilingOffset) {
    requireOpen();
    return timestamps.find(timestampMs, ceilingOffset);
  }

  /**
   * The transactions that were aborted and have a record from {@code from} on and one below {@code
   * to}, in the order of their ends: what a reader of committed transactions skips (KIP-98). Any
   * thread; may read from the disk.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR when the files cannot be read
   */
  public List<AbortedTransaction> abortedTransactions(long from, long to) {
    requireOpen();
    return new AbortedSearch(context, view).find(from, to);
  }

  /**
   * Moves the high watermark up to {@code offset}, at most to the log's end; it never goes back
   * here.
   *
   * @return the high watermark now
   */
  public long advanceHighWatermark(long offset) {
    view.committedTo(offset);
    long highWatermark = view.offsets().highWatermark();
    view.undecidedFrom(producers.firstUndecided(highWatermark));
    return highWatermark;
  }

  /**
   * Moves the log start up to {@code offset}, at most to the high watermark (RET-1); segments that
   * lie wholly below leave the log, their files later.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR
   */
  public void advanceLogStart(long offset) {
    if (offset > logStartOffset()) {
      requireWritable();
      retention.startAt(offset);
    }
  }

  /** What takes the oldest segments away. */
  public LogRetention retention() {
    return retention;
  }

  /** The log directory that it is in; its logs share a disk. */
  public Path logDirectory() {
    return context.directory().getParent();
  }

  /** Whether appends are refused now because the disk is nearly full. Any thread. */
  public boolean lacksSpace() {
    return context.health().space().isReadOnly();
  }

  /** Why the log directory is offline, once it is. Any thread. */
  public Optional<String> directoryFailure() {
    return context.health().failure();
  }

  /** The settings in force. */
  public LogConfig config() {
    return context.config();
  }

  /**
   * Takes other settings from now on; those of segments and their indexes count from the next batch
   * or segment on. A log that was to be compacted once stays one that may have gaps.
   */
  public void reconfigure(LogConfig newer) {
    if (newer.compaction().enabled()) {
      view.allowGaps();
    }
    context.settings().set(newer);
  }

  /**
   * Takes away every batch that holds {@code offset} or a later one, with their epochs and producer
   * state; the high watermark falls to the new end where it was above. Epochs that begin at or past
   * {@code offset} go even when no batch does (LEP-6). Below the log start the log is reset.
   * Durable on return. Followers only (LEP-2).
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR; the directory is offline then
   */
  public void truncateTo(long offset) {
    requireWritable();
    cut.truncateTo(offset);
  }

  /**
   * Empties the log; it begins and ends at {@code offset}. Durable on return. Followers only.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR; the directory is offline then
   */
  public void resetTo(long offset) {
    requireWritable();
    cut.resetTo(offset);
  }

  /**
   * Makes what was appended when this was called survive a power loss. Waits for the disk; any
   * thread.
   *
   * @return {@link #flushedOffset()} now
   * @throws HighwaterException KAFKA_STORAGE_ERROR; the directory is offline then, and a retry
   *     would not tell the truth (STO-8)
   */
  public long flush() {
    requireOpen();
    flush.flush();
    return view.offsets().flushed();
  }

  /**
   * As {@link #flush}, for the segments that are not written any more: recovery need not look at
   * them again, and what is damaged there later is not taken for a torn tail (REC-3). The manifest
   * of the log names them when this returns. Does nothing once the log is closed or damaged.
   */
  public void flushSealed() {
    if (!closed) {
      flush.flushSealed();
    }
  }

  /**
   * Gives the descriptor of the tail back until it is used again, if nothing was appended since the
   * last call and all is flushed. Not beside itself; else any thread.
   *
   * @param flushFirst whether an idle log is flushed for the purpose
   * @throws HighwaterException KAFKA_STORAGE_ERROR as {@link #flush}
   */
  public void rest(boolean flushFirst) {
    long end = view.offsets().end();
    boolean idle = end == endAtRest;
    endAtRest = end;
    if (idle && !closed) {
      flush.rest(flushFirst);
    }
  }

  /**
   * A look for damage at every byte of the sealed segments. What it finds is {@link #damage()}; to
   * be run on any thread that may wait for the disk.
   */
  public LogScrub scrub() {
    return new LogScrub(context, view);
  }

  /** Forgets producers that have been silent for too long; returns how many. Owner only. */
  public int expireProducers() {
    return producers.removeExpired(context.clock().time());
  }

  /** The cleaning of this log by key. */
  public LogCompaction compaction() {
    return compaction;
  }

  /** What is known of producers. Owner only. */
  public ProducerStates producers() {
    return producers;
  }

  /**
   * Flushes and closes, leaving all that makes the next opening quick.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR or STORAGE_FULL; the log is closed all the same,
   *     and the shutdown is not clean
   */
  public void closeCleanly() {
    if (closed) {
      return;
    }
    try {
      flush();
      flush.flushSealed();
      appender.tail().complete(logEndOffset());
      ProducerSnapshot.write(context.files(), logEndOffset(), producers);
    } catch (IOException e) {
      throw context.health().refuse("closing " + context.partition(), e);
    } finally {
      close();
    }
  }

  /** Closes the files and nothing more, as a crash would; the next opening recovers. Idempotent. */
  @Override
  public void close() {
    closed = true;
    retention.close();
    for (Segment segment : view.segments().asList()) {
      segment.close();
    }
  }

  private void requireWritable() {
    requireOpen();
    context.health().check();
  }

  private void requireOpen() {
    if (closed) {
      throw new HighwaterException(
          ErrorCode.KAFKA_STORAGE_ERROR, "the log of " + context.partition() + " is closed");
    }
  }
}
