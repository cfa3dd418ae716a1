package io.highwater.log.compact;

import io.highwater.log.LogContext;
import io.highwater.log.LogOffsets;
import io.highwater.log.LogView;
import io.highwater.log.flush.ManifestFile;
import io.highwater.log.producer.ProducerStates;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentManifest;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The compaction of one log: what there is to do, doing it, and how it went. A fault stops the
 * compaction of this log until it is opened again, and nothing else (CMP-5); a full disk only the
 * present run.
 */
public final class LogCompaction {
  private static final Logger LOG = LoggerFactory.getLogger(LogCompaction.class);

  private final LogContext context;
  private final LogView view;
  private final ProducerStates producers;
  private final ManifestFile manifest;
  private final Runnable flushSealed;
  private final BooleanSupplier closed;
  private final SegmentSwap swap;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile CompactionStatus status = CompactionStatus.NEVER_RAN;

  /**
   * The compaction of the log of these parts.
   *
   * @param flushSealed forces the sealed segments and covers them in the manifest
   * @param closed whether the log was closed
   */
  public LogCompaction(
      LogContext context,
      LogView view,
      ProducerStates producers,
      ManifestFile manifest,
      Runnable flushSealed,
      BooleanSupplier closed) {
    this.context = context;
    this.view = view;
    this.producers = producers;
    this.manifest = manifest;
    this.flushSealed = flushSealed;
    this.closed = closed;
    this.swap = new SegmentSwap(context, view, manifest, closed);
  }

  /** Whose log it is. */
  public TopicPartition partition() {
    return context.partition();
  }

  /** Whether the log is to be compacted and nothing stopped that. Any thread. */
  public boolean isEnabled() {
    return context.config().compaction().enabled() && status.fault().isEmpty();
  }

  /** How it went so far. Any thread. */
  public CompactionStatus status() {
    return status;
  }

  /** What producers may still refer to; to be taken before {@link #run}. Owner thread. */
  public LiveBatches liveBatches() {
    return LiveBatches.of(producers, view.offsets().end());
  }

  /** What could be cleaned now. Any thread; may read small files. */
  public CompactionPlan plan() {
    return planTo(Long.MAX_VALUE);
  }

  private CompactionPlan planTo(long endOffset) {
    List<SegmentSummary> sealed = new ArrayList<>();
    List<Segment> segments = view.segments().asList();
    for (Segment segment : segments.subList(0, segments.size() - 1)) {
      Optional<SegmentSummary> summary = segment.summary();
      if (summary.isEmpty()) {
        break;
      }
      sealed.add(summary.get());
    }
    LogOffsets offsets = view.offsets();
    return CompactionPlan.of(
        sealed,
        Math.min(endOffset, Math.min(offsets.lastStable(), offsets.highWatermark())),
        context.checkpoints().cleanedTo(context.partition()),
        context.clock().time(),
        context.config().compaction(),
        this::firstAppendMs);
  }

  private long firstAppendMs(SegmentSummary segment) {
    try {
      return SegmentManifest.read(context.storage(), context.directory(), segment.baseOffset())
          .map(SegmentManifest::createdMs)
          .orElse(segment.lastAppendMs());
    } catch (IOException e) {
      LOG.warn("the manifest of segment {} does not read", segment.baseOffset(), e);
      return segment.lastAppendMs();
    }
  }

  /** Whether a cleaning is due; never where damage is known (STO-10). As {@link #plan}. */
  public boolean isDue() {
    return isEnabled()
        && view.damage() == null
        && !closed.getAsBoolean()
        && plan().isDue(context.config().compaction());
  }

  /**
   * Cleans what can be cleaned, due or not. Waits for the disk; one run at a time, on any thread
   * but the owner's where that is an event loop's.
   *
   * @param live of {@link #liveBatches}, taken after the last run
   * @param buffers used by no other run meanwhile
   * @return what it did; empty when there was nothing to do, or the log was cut or closed meanwhile
   * @throws HighwaterException STORAGE_FULL; KAFKA_STORAGE_ERROR, CORRUPT_MESSAGE or
   *     MESSAGE_TOO_LARGE, and the log is not compacted any more; nor is it after any other
   *     exception
   */
  public Optional<CompactionReport> run(LiveBatches live, CleanerBuffers buffers) {
    if (!isEnabled() || closed.getAsBoolean() || !running.compareAndSet(false, true)) {
      return Optional.empty();
    }
    try {
      int cuts = view.cuts();
      flushSealed.run();
      CompactionPlan plan = planTo(live.logEndOffset());
      if (plan.dirtyBytes() == 0
          || view.damage() != null
          || manifest.written().endOffset() < plan.endOffset()) {
        return Optional.empty();
      }
      CompactionReport report =
          new CompactionRun(context, view, swap, plan, live, buffers, cuts, closed).clean();
      done(plan, report, cuts);
      return Optional.of(report);
    } catch (SourceBatches.Overtaken e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(context.health().refuse("cleaning " + context.partition(), e));
    } catch (HighwaterException e) {
      throw failed(e);
    } catch (RuntimeException e) {
      // Chosen again and again, it would hold up all other logs.
      status = status.failed(e.toString());
      throw e;
    } finally {
      running.set(false);
    }
  }

  private void done(CompactionPlan plan, CompactionReport report, int cuts) throws IOException {
    view.sealedFiles().lock();
    try {
      if (cuts == view.cuts() && !closed.getAsBoolean()) {
        context.checkpoints().cleanedTo(context.partition(), report.cleanedTo());
      }
    } finally {
      view.sealedFiles().unlock();
    }
    status = status.after(report);
    LOG.info(
        "{}: cleaned offsets {} to {} ({} new): {} to {} bytes ({} %), {} to {} records, {} keys,"
            + " {} ms{}",
        context.partition(),
        plan.startOffset(),
        report.cleanedTo(),
        report.cleanedTo() - plan.firstDirtyOffset(),
        report.bytesIn(),
        report.bytesOut(),
        Math.round(100 * report.ratio()),
        report.recordsIn(),
        report.recordsOut(),
        report.keys(),
        report.durationMs(),
        report.complete() ? "" : "; the key map was full, another run goes on");
  }

  private HighwaterException failed(HighwaterException e) {
    if (e.code() != ErrorCode.STORAGE_FULL) {
      status = status.failed(e.getMessage());
      LOG.error("{} is not compacted any more: {}", context.partition(), e.getMessage());
    }
    return e;
  }
}
