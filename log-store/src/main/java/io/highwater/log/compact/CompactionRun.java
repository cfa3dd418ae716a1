package io.highwater.log.compact;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.recover.AbortedSearch;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One cleaning of one log: the latest offset of each key in the dirty part goes into the map, then
 * all segments up to there are written again without what is older, group by group, each swapped in
 * as it is ready. Where the keys do not fit, the run ends where the map was full, and the next one
 * goes on. On a thread that may wait for the disk.
 */
final class CompactionRun {
  private final LogContext context;
  private final LogView view;
  private final SegmentSwap swap;
  private final CompactionPlan plan;
  private final LiveBatches live;
  private final CleanerBuffers buffers;
  private final SourceBatches batches;
  private final int cuts;
  private final long nowMs;
  private final Transactions transactions;
  private boolean full;
  private long keysEnd;
  private long bytesIn;
  private long bytesOut;

  /**
   * A run.
   *
   * @param cuts {@link LogView#cuts()} when {@code plan} was made
   * @param closed whether the log was closed
   */
  CompactionRun(
      LogContext context,
      LogView view,
      SegmentSwap swap,
      CompactionPlan plan,
      LiveBatches live,
      CleanerBuffers buffers,
      int cuts,
      BooleanSupplier closed) {
    this.context = context;
    this.view = view;
    this.swap = swap;
    this.plan = plan;
    this.live = live;
    this.buffers = buffers;
    this.cuts = cuts;
    this.nowMs = context.clock().time();
    // All below the last stable offset is decided, if by a marker that lies past this plan's end.
    this.transactions =
        new Transactions(
            new AbortedSearch(context, view).find(plan.firstDirtyOffset(), plan.endOffset()));
    this.batches =
        new SourceBatches(
            context,
            view,
            () -> closed.getAsBoolean() || view.cuts() != cuts || buffers.isStopped(),
            buffers.throttle());
  }

  /**
   * Cleans.
   *
   * @throws HighwaterException KAFKA_STORAGE_ERROR when a source is damaged or a file fails;
   *     CORRUPT_MESSAGE or MESSAGE_TOO_LARGE when records cannot be read; STORAGE_FULL
   * @throws SourceBatches.Overtaken when the log was cut or closed meanwhile
   */
  CompactionReport clean() {
    List<Segment> sources = new ArrayList<>();
    for (Segment segment : view.segments().asList()) {
      if (segment.baseOffset() >= plan.startOffset() && segment.baseOffset() < plan.endOffset()) {
        sources.add(segment);
      }
    }
    try {
      fillMap(sources);
      BatchFilter filter =
          new BatchFilter(
              buffers.keys(),
              keysEnd,
              live,
              transactions,
              nowMs,
              context.config().compaction().deleteRetentionMs());
      try (filter) {
        for (List<Segment> group : groups(sources)) {
          clean(group, filter);
        }
      }
      return new CompactionReport(
          nowMs,
          context.clock().time() - nowMs,
          keysEnd,
          bytesIn,
          bytesOut,
          filter.recordsIn(),
          filter.recordsOut(),
          buffers.keys().size(),
          !full);
    } catch (IOException e) {
      throw context.health().refuse("cleaning " + context.partition(), e);
    }
  }

  private SegmentSummary summaryOf(Segment segment) {
    return segment.summary().orElseThrow(SourceBatches.Overtaken::new);
  }

  private boolean isDirty(Segment segment) {
    return summaryOf(segment).endOffset() > plan.firstDirtyOffset();
  }

  private void fillMap(List<Segment> sources) throws IOException {
    // A batch spans at least as many offsets as it has records.
    buffers.keys().clear(Math.max(0, plan.endOffset() - plan.firstDirtyOffset()));
    keysEnd = plan.endOffset();
    full = false;
    HashedKeys hashed = buffers.keys().newKeys();
    try (RecordCursor records = new RecordCursor()) {
      for (Segment segment : sources) {
        if (isDirty(segment)
            && !batches.walk(
                segment, summaryOf(segment), (batch, isLast) -> addKeys(batch, records, hashed))) {
          return;
        }
      }
    }
  }

  private boolean addKeys(BatchView batch, RecordCursor records, HashedKeys hashed) {
    if (batch.isControl()
        || batch.lastOffset() < plan.firstDirtyOffset()
        || transactions.isAborted(batch)) {
      return true;
    }
    records.wrap(batch.buffer(), batch.offset());
    while (hashed.read(records)) {
      buffers.keys().prefetch(hashed);
      for (int i = 0; i < hashed.count(); i++) {
        if (hashed.hasKey(i)
            && hashed.offset(i) >= plan.firstDirtyOffset()
            && !buffers.keys().put(hashed.high(i), hashed.low(i), hashed.offset(i))) {
          keysEnd = hashed.offset(i);
          full = true;
          return false;
        }
      }
    }
    return true;
  }

  /** The segments that hold something below where the keys end. */
  private List<List<Segment>> groups(List<Segment> sources) {
    List<SegmentSummary> summaries = new ArrayList<>();
    for (Segment segment : sources) {
      if (segment.baseOffset() < keysEnd) {
        summaries.add(summaryOf(segment));
      }
    }
    List<List<Segment>> groups = new ArrayList<>();
    int next = 0;
    for (List<SegmentSummary> group :
        SegmentGroups.of(
            summaries,
            context.config().segmentBytes(),
            context.config().maxIndexBytes(),
            context.config().indexIntervalBytes())) {
      groups.add(List.copyOf(sources.subList(next, next + group.size())));
      next += group.size();
    }
    return groups;
  }

  private void clean(List<Segment> group, BatchFilter filter) throws IOException {
    List<SegmentSummary> summaries = group.stream().map(this::summaryOf).toList();
    SegmentSummary last = summaries.get(summaries.size() - 1);
    long sourceBytes = summaries.stream().mapToLong(SegmentSummary::sizeInBytes).sum();
    boolean[] changed = {group.size() > 1};
    try (CleanedSegment cleaned =
        new CleanedSegment(context, group.get(0).baseOffset(), buffers.writes())) {
      for (int i = 0; i < group.size(); i++) {
        boolean isLastSegment = i == group.size() - 1;
        batches.walk(
            group.get(i),
            summaries.get(i),
            (batch, isLast) -> {
              changed[0] |= keep(batch, isLast && isLastSegment, filter, cleaned);
              return true;
            });
      }
      bytesIn += sourceBytes;
      bytesOut += cleaned.sizeInBytes();
      if (!changed[0]) {
        return;
      }
      int generation = 1 + summaries.stream().mapToInt(SegmentSummary::generation).max().orElse(0);
      SegmentSummary summary =
          cleaned.complete(
              last.endOffset(), generation, createdMs(summaries.get(0)), last.lastAppendMs());
      if (!swap.replace(group, cleaned, summary, filter.tombstonesEnd(), cuts)) {
        throw new SourceBatches.Overtaken();
      }
    }
  }

  /** Writes what stays of a batch; returns whether it is other than it was. */
  private boolean keep(
      BatchView batch, boolean keepHeader, BatchFilter filter, CleanedSegment cleaned)
      throws IOException {
    ByteBuffer rewritten = filter.filter(batch, keepHeader);
    int size = batch.sizeInBytes();
    ByteBuffer result = rewritten;
    if (rewritten == null) {
      result =
          ByteBuffer.wrap(
              batch.buffer().byteArray(), batch.buffer().wrapAdjustment() + batch.offset(), size);
    }
    buffers.throttle().spent(result.remaining());
    if (result.hasRemaining()) {
      cleaned.append(result);
    }
    return rewritten != null;
  }

  private long createdMs(SegmentSummary first) throws IOException {
    return SegmentManifest.read(context.storage(), context.directory(), first.baseOffset())
        .map(SegmentManifest::createdMs)
        .orElse(first.lastAppendMs());
  }
}
