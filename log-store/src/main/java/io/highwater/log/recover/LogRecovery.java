package io.highwater.log.recover;

import io.highwater.log.EpochHistory;
import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.PartitionFiles;
import io.highwater.log.checkpoint.EpochCheckpoint;
import io.highwater.log.compact.SegmentSwap;
import io.highwater.log.io.LinkedFileException;
import io.highwater.log.io.Storage;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentList;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.log.segment.SegmentWriter;
import io.highwater.log.verify.ManifestCheck;
import io.highwater.log.verify.MissingManifests;
import io.highwater.log.verify.Problem;
import io.highwater.log.verify.SegmentCheck;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a log. After a clean shutdown nothing is read but small files. Otherwise the segments from
 * the recovery point on are checked byte for byte, and the log ends where they stop making sense
 * (REC-1). Damage below the recovery point is no torn tail: the log does not open then (REC-3).
 */
public final class LogRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

  private final LogContext context;
  private final LastKnown known;
  private final LogManifest manifest;
  private final ManifestCheck check;
  private final ProducerReplay replay;
  private final List<Long> bases = new ArrayList<>();
  private boolean namesChanged;
  private Gaps gaps = Gaps.NONE;
  private long cutBytes;
  private String cutReason;

  private LogRecovery(LogContext context, LastKnown known, LogManifest manifest) {
    this.context = context;
    this.known = known.and(manifest);
    this.manifest = manifest;
    this.check =
        new ManifestCheck(context.storage(), context.directory(), manifest, this.known.logStart());
    this.replay = new ProducerReplay(context);
  }

  /**
   * Opens the log of {@code context}, creating its first segment when there is none.
   *
   * @param lastKnown what the checkpoints say of it
   * @throws HighwaterException KAFKA_STORAGE_ERROR when it is damaged below its recovery point
   */
  public static OpenedLog open(LogContext context, LastKnown lastKnown) throws IOException {
    List<String> names = context.storage().list(context.directory());
    if (NewLog.isDue(lastKnown, names)) {
      return NewLog.create(context);
    }
    SegmentSwap.finishPending(context, names);
    OptionalLong pendingReset = LogReset.finishPending(context);
    LastKnown known =
        pendingReset.isEmpty()
            ? lastKnown
            : new LastKnown(
                lastKnown.stop() == LastStop.KILLED ? LastStop.KILLED : LastStop.UNKNOWN,
                pendingReset.getAsLong(),
                pendingReset.getAsLong(),
                pendingReset.getAsLong());
    Optional<LogManifest> manifest = LogManifest.read(context.storage(), context.directory());
    new TailIdentity(context, known).requireOwn(manifest);
    OpenedLog opened = new LogRecovery(context, known, manifest.orElse(LogManifest.EMPTY)).open();
    if (manifest.isPresent()) {
      return opened;
    }
    LogManifest.delete(context.storage(), context.directory()); // If there, it does not read.
    return opened.cleanedToUnknown();
  }

  private OpenedLog open() throws IOException {
    sortFiles();
    requireManifests();
    if (bases.isEmpty()) {
      createFirst();
    }
    int last = bases.size() - 1;
    if (known.stop() == LastStop.UNKNOWN && known.recoveryPoint() <= bases.get(last)) {
      UnwrittenTail.setAsideIfUnwritten(context, bases.get(last));
    }
    Optional<SegmentManifest> written =
        new TailIdentity(context, known).requireOwn(bases.get(last));
    Optional<SegmentSummary> tail =
        known.clean() && check.trusted(bases) >= last
            ? soundTail(bases.get(last), written)
            : Optional.empty();
    int checkFrom =
        tail.isPresent()
            ? bases.size()
            : Math.min(floorIndex(known.recoveryPoint()), Math.min(check.trusted(bases), last));
    long checkedStart = tail.map(SegmentSummary::endOffset).orElseGet(() -> bases.get(checkFrom));

    Optional<EpochHistory> storedEpochs =
        EpochCheckpoint.read(context.storage(), context.directory(), context.owner())
            .filter(check::matches)
            .filter(epochs -> tail.isEmpty() || ManifestCheck.matches(epochs, tail.get()));
    ProducerStates producers = new ProducerStates(context.config().producerExpirationMs());
    long snapshot = replay.loadSnapshot(bases.get(0), checkedStart, producers);
    long producersFrom = snapshot < 0 ? bases.get(0) : snapshot;

    int followFrom = Math.min(checkFrom, floorIndex(producersFrom));
    if (producersFrom == checkedStart) {
      followFrom = checkFrom;
    }
    if (storedEpochs.isEmpty()) {
      followFrom = 0;
    }
    long start = followFrom < bases.size() ? bases.get(followFrom) : checkedStart;
    EpochHistory before = storedEpochs.orElse(EpochHistory.EMPTY).truncatedTo(start);
    SegmentRecovery walk =
        new SegmentRecovery(
            context,
            start,
            before,
            producers,
            producersFrom,
            gaps,
            EpochCheckpoint.isAheadOfLog(context.storage(), context.directory())
                ? storedEpochs
                : Optional.empty());
    walkFrom(followFrom, checkFrom, walk);
    producers.openedAt(context.clock().time());
    return opened(walk, storedEpochs, producers);
  }

  private OpenedLog opened(
      SegmentRecovery walk, Optional<EpochHistory> storedEpochs, ProducerStates producers)
      throws IOException {
    long end = walk.end();
    if (end < known.recoveryPoint()) {
      throw damaged(
          new Problem(
                  SegmentFiles.path(
                      context.directory(), bases.get(bases.size() - 1), SegmentFiles.LOG),
                  tailSize(),
                  "it ends at offset " + end + ", known were " + known)
              .toString());
    }
    if (known.clean() && end > known.recoveryPoint()) {
      throw TailIdentity.foreign(
          context,
          new Problem(
                  SegmentFiles.path(
                      context.directory(), bases.get(bases.size() - 1), SegmentFiles.LOG),
                  tailSize(),
                  "it ends at offset " + end + ", at the clean stop " + known.recoveryPoint())
              .toString());
    }
    if (end < known.logStart()) {
      // A power loss took all that might be read, and none of it was flushed (RET-1).
      LogReset.intend(context, known.logStart());
      return open(context, known);
    }
    EpochHistory epochs = withEmptyEpoch(walk.epochs(), storedEpochs, end);
    if (storedEpochs.isEmpty() || !storedEpochs.get().equals(epochs)) {
      EpochCheckpoint.write(context.storage(), context.directory(), context.owner(), epochs);
    }
    replay.deleteAbove(end);
    replay.deleteStray(Set.copyOf(bases));
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < bases.size() - 1; i++) {
      long base = bases.get(i);
      long next = bases.get(i + 1);
      segments.add(
          segmentOf(check.summary(base).orElseGet(() -> walk.checked(base).withEndOffset(next))));
    }
    segments.add(segmentAt(bases.get(bases.size() - 1)));
    SegmentList list = new SegmentList(segments);
    SegmentWriter tail =
        SegmentWriter.resume(
            context.files(),
            list.last(),
            context.config().indexIntervalBytes(),
            tailSize(),
            end,
            context.clock().time());
    if (namesChanged) {
      context.storage().syncDirectory(context.directory());
    }
    tail.rest();
    long logStart = Math.max(known.logStart(), bases.get(0));
    long highWatermark = Math.max(logStart, Math.min(known.highWatermark(), end));
    LogOffsets offsets =
        new LogOffsets(
            logStart,
            highWatermark,
            end,
            Math.min(known.recoveryPoint(), end),
            producers.firstUndecided(highWatermark));
    RecoveryReport report =
        new RecoveryReport(
            walk.checkedBytes() == 0,
            walk.checkedBytes(),
            cutBytes,
            end,
            known.highWatermark(),
            cutReason);
    if (cutBytes > 0) {
      LOG.warn(
          "{}: cut {} bytes of a torn tail at offset {}: {}",
          context.partition(),
          cutBytes,
          end,
          cutReason);
    }
    if (report.lostCommitted()) {
      LOG.warn(
          "{}: it ends at offset {}, below its high watermark {}: committed records are gone here",
          context.partition(),
          end,
          known.highWatermark());
    }
    LogView view = new LogView(offsets, list, epochs, gaps != Gaps.NONE);
    return new OpenedLog(view, producers, tail, manifest, report);
  }

  /** An epoch that began at the log's end without a record yet is known from the file alone. */
  private static EpochHistory withEmptyEpoch(
      EpochHistory walked, Optional<EpochHistory> stored, long end) {
    EpochHistory epochs = walked;
    if (stored.isPresent()) {
      for (EpochHistory.Entry entry : stored.get().entries()) {
        if (entry.startOffset() == end && entry.epoch() > epochs.lastEpoch()) {
          epochs = epochs.assign(entry.epoch(), end);
        }
      }
    }
    return epochs;
  }

  private void sortFiles() throws IOException {
    Storage storage = context.storage();
    Set<Long> found = new TreeSet<>();
    List<String> names = storage.list(context.directory());
    for (String name : names) {
      SegmentFiles.offsetOf(name, SegmentFiles.LOG).ifPresent(found::add);
    }
    bases.addAll(found);
    gaps = gapsAmong(names);
    requireNoLinks();
    checkFiles();
    new TailIdentity(context, known).requireNotMissing(names, found);
    for (String name : names) {
      if (PartitionFiles.isTemporary(name) || isOrphan(name, found)) {
        storage.deleteIfExists(context.directory().resolve(name));
      }
    }
  }

  /**
   * STO-11: batches of which nothing says whose they are. Only a power loss explains that, before
   * the first flush, which makes the manifest durable.
   */
  private void requireManifests() throws IOException {
    List<Long> missing =
        MissingManifests.of(context.storage(), context.directory(), bases, manifest);
    if (missing.isEmpty()) {
      return;
    }
    long first = missing.get(0);
    if (known.stop() != LastStop.UNKNOWN || known.recoveryPoint() > first) {
      throw TailIdentity.foreign(
          context, MissingManifests.problem(context.directory(), first).toString());
    }
    List<Long> behind = bases.stream().filter(base -> base >= first).toList();
    UnwrittenTail.setAside(context, behind);
    bases.removeAll(behind);
    create(first);
  }

  private void requireNoLinks() throws IOException {
    for (long base : bases) {
      Path log = SegmentFiles.path(context.directory(), base, SegmentFiles.LOG);
      if (context.storage().isLink(log)) {
        throw new LinkedFileException(log);
      }
    }
  }

  /** A log with sealed segments that none of our sidecars describes was written by Kafka. */
  private Gaps gapsAmong(List<String> names) {
    if (!manifest.gaps() && !context.config().compaction().enabled()) {
      return Gaps.NONE;
    }
    boolean ours =
        bases.size() < 2
            || !manifest.segments().isEmpty()
            || names.stream().anyMatch(name -> name.endsWith(SegmentFiles.MANIFEST));
    return ours ? Gaps.WITHIN_SEGMENTS : Gaps.ANYWHERE;
  }

  private static boolean isOrphan(String name, Set<Long> found) {
    for (String suffix : SegmentFiles.OF_SEGMENT) {
      OptionalLong offset = SegmentFiles.offsetOf(name, suffix);
      if (offset.isPresent()) {
        return !found.contains(offset.getAsLong());
      }
    }
    return false;
  }

  /** REC-3: by name and size; then what lies below the log start goes. */
  private void checkFiles() throws IOException {
    List<Long> leftovers = check.leftovers(bases);
    bases.removeAll(leftovers);
    List<Problem> problems = check.problems(bases);
    if (!problems.isEmpty()) {
      String all = problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
      throw check.foundForeign() ? TailIdentity.foreign(context, all) : damaged(all);
    }
    for (long base : leftovers) {
      segmentAt(base).delete();
      namesChanged = true;
    }
  }

  private void createFirst() throws IOException {
    long base = known.logStart();
    if (known.recoveryPoint() > base) {
      throw damaged("it has no segments, known were " + known);
    }
    create(base);
  }

  private void create(long base) throws IOException {
    SegmentWriter.create(
            context.files(),
            base,
            context.config().indexIntervalBytes(),
            context.openSegments(),
            context.clock().time())
        .segment()
        .close();
    bases.add(base);
    namesChanged = true;
  }

  private Optional<SegmentSummary> soundTail(long base, Optional<SegmentManifest> written)
      throws IOException {
    long bytes = sizeOf(base);
    return written
        .map(SegmentManifest::segment)
        .filter(tail -> tail.endOffset() == known.recoveryPoint() && tail.sizeInBytes() == bytes);
  }

  private int floorIndex(long offset) {
    int index = bases.size() - 1;
    while (index > 0 && bases.get(index) > offset) {
      index--;
    }
    return index;
  }

  private void walkFrom(int from, int checkFrom, SegmentRecovery walk) throws IOException {
    List<SegmentCheck> checks =
        ByteChecks.of(
            context,
            bases.subList(Math.min(checkFrom, bases.size()), bases.size()),
            gaps != Gaps.NONE);
    for (int i = from; i < bases.size(); i++) {
      long base = bases.get(i);
      boolean whole =
          i < checkFrom ? walk.follow(base) : walk.check(base, checks.get(i - checkFrom));
      if (whole) {
        check.summary(base).ifPresent(segment -> walk.endsAt(segment.endOffset()));
        continue;
      }
      // REC-3: what was flushed does not tear; something else happened to it.
      if (i < checkFrom || walk.end() < known.recoveryPoint()) {
        throw damaged(
            new Problem(
                    SegmentFiles.path(context.directory(), base, SegmentFiles.LOG),
                    walk.soundBytes(),
                    walk.problem())
                .toString());
      }
      cutTail(i, walk);
      return;
    }
  }

  /** Ends the log within segment {@code i}, or before it when nothing of it continues the log. */
  private void cutTail(int i, SegmentRecovery walk) throws IOException {
    cutReason = walk.problem();
    if (known.stop() == LastStop.KILLED
        && (i < bases.size() - 1 || !walk.stopsWithinBatch(bases.get(i)))) {
      throw damaged(
          new Problem(
                  SegmentFiles.path(context.directory(), bases.get(i), SegmentFiles.LOG),
                  walk.soundBytes(),
                  cutReason + "; a killed process does not leave that")
              .toString());
    }
    int keep = i;
    if (walk.fileBytes() > 0 || bases.get(i) == walk.end()) {
      cutBytes += walk.fileBytes() - walk.soundBytes();
      walk.cut(bases.get(i));
      keep = i + 1;
    }
    // From the back, so that a crash in between leaves no hole.
    namesChanged |= keep < bases.size();
    for (int j = bases.size() - 1; j >= keep; j--) {
      cutBytes += sizeOf(bases.get(j));
      segmentAt(bases.get(j)).delete();
      bases.remove(j);
    }
  }

  private int tailSize() throws IOException {
    return (int) sizeOf(bases.get(bases.size() - 1));
  }

  private long sizeOf(long base) throws IOException {
    return context.storage().size(SegmentFiles.path(context.directory(), base, SegmentFiles.LOG));
  }

  private Segment segmentOf(SegmentSummary summary) {
    return Segment.sealed(
        context.storage(),
        context.directory(),
        summary,
        context.config().indexIntervalBytes(),
        context.openSegments());
  }

  private Segment segmentAt(long base) {
    return Segment.sealed(
        context.storage(),
        context.directory(),
        base,
        context.config().indexIntervalBytes(),
        context.openSegments());
  }

  private HighwaterException damaged(String what) {
    return new HighwaterException(
        ErrorCode.KAFKA_STORAGE_ERROR,
        context.partition() + " is damaged below its recovery point: " + what);
  }
}
