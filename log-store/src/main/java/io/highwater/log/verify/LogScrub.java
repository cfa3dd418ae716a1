package io.highwater.log.verify;

import io.highwater.log.LogContext;
import io.highwater.log.LogView;
import io.highwater.log.segment.LogManifest;
import io.highwater.log.segment.Segment;
import io.highwater.log.segment.SegmentFiles;
import io.highwater.log.segment.SegmentSummary;
import io.highwater.proto.FaultText;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the sealed segments of one running log once, as slowly as the caller likes, and looks
 * whether those that no manifest of the log names have their own. What is found marks the log as
 * damaged, as a read does (STO-10). Any thread but an event loop's, one at a time.
 */
public final class LogScrub {
  private static final Logger LOG = LoggerFactory.getLogger(LogScrub.class);

  private final LogContext context;
  private final LogView view;
  private long next;
  private Segment segment;
  private SegmentSummary sealed;
  private SegmentCheck check;
  private int cuts;

  /** A scrub that stands before the first segment. */
  public LogScrub(LogContext context, LogView view) {
    this.context = context;
    this.view = view;
  }

  /**
   * Checks on, for about {@code maxBytes} or to the end of a segment.
   *
   * @return bytes read now; -1 when all segments were seen or the log is damaged
   */
  public long step(long maxBytes) {
    if (check == null && !begin()) {
      requireManifests();
      return -1;
    }
    long read = 0;
    try {
      read = check.step(maxBytes);
      check.problem().ifPresent(this::conclude);
    } catch (NoSuchFileException e) {
      check = null; // It left the log meanwhile; one that did not is what a flush or a read names.
      return 0;
    } catch (IOException e) {
      mark(Problem.of(segment.path(SegmentFiles.LOG), "it cannot be read: " + FaultText.of(e)));
    }
    if (check.isDone() || view.damage() != null) {
      check = null;
    }
    return read;
  }

  private boolean begin() {
    if (view.damage() != null) {
      return false;
    }
    cuts = view.cuts();
    for (Segment candidate : view.segments().asList()) {
      if (candidate.baseOffset() >= next && candidate.summary().isPresent()) {
        segment = candidate;
        sealed = candidate.summary().get();
        next = sealed.endOffset();
        check = newCheck();
        return true;
      }
    }
    return false;
  }

  /** STO-11: without them the log would not open again; so somebody was at its files. */
  private void requireManifests() {
    if (view.damage() != null) {
      return;
    }
    int before = view.cuts();
    try {
      List<Long> missing = new ArrayList<>(missingManifests());
      if (!missing.isEmpty()) {
        missing.retainAll(missingManifests());
      }
      if (!missing.isEmpty() && before == view.cuts()) {
        found(MissingManifests.problem(context.directory(), missing.get(0)));
      }
    } catch (IOException e) {
      LOG.warn("whether {} has all its manifests is not known", context.partition(), e);
    }
  }

  private List<Long> missingManifests() throws IOException {
    List<Long> bases = view.segments().asList().stream().map(Segment::baseOffset).toList();
    LogManifest manifest =
        LogManifest.read(context.storage(), context.directory()).orElse(LogManifest.EMPTY);
    return MissingManifests.of(context.storage(), context.directory(), bases, manifest);
  }

  private SegmentCheck newCheck() {
    return new SegmentCheck(
        context.storage(),
        segment.path(SegmentFiles.LOG),
        segment.baseOffset(),
        Optional.of(sealed),
        view.gaps());
  }

  /**
   * Files of segments that were cut, cleaned or dropped meanwhile say nothing, and one that was
   * just swapped in may have been looked for under a name that was still the old one's.
   */
  private void conclude(Problem problem) {
    if (isSame() && isFoundAgain()) {
      mark(problem);
    }
  }

  private void mark(Problem problem) {
    if (isSame()) {
      found(problem);
    }
  }

  private void found(Problem problem) {
    LOG.error("{} is damaged: {}", context.partition(), problem);
    view.damaged(context.partition() + " is damaged: " + problem);
  }

  private boolean isSame() {
    return cuts == view.cuts()
        && view.segments().asList().contains(segment)
        && segment.state() == Segment.State.SEALED
        && segment.summary().map(sealed::equals).orElse(false);
  }

  private boolean isFoundAgain() {
    SegmentCheck again = newCheck();
    try {
      while (!again.isDone()) {
        again.step(Long.MAX_VALUE);
      }
    } catch (NoSuchFileException e) {
      return false; // It left the log.
    } catch (IOException e) {
      return true;
    }
    return again.problem().isPresent();
  }
}
