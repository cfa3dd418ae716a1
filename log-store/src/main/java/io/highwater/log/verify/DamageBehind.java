package io.highwater.log.verify;

import io.highwater.log.io.Storage;
import java.io.IOException;

/**
 * Looks on behind the damage at which the check of a segment ended: who decides what to do about it
 * has to know what else is wrong there. Lists a bounded number. For one segment; one thread.
 */
final class DamageBehind {
  /** A file may be damaged in very many places. */
  static final int MAX_LISTED = 100;

  private final Verification found;
  private final Problem first;
  private final long tornFrom;
  private SegmentWalk walk;
  private int listed;
  private long unlisted;

  /**
   * @param found takes down what there is
   * @param first what the check found
   * @param tornFrom from this offset on, what is no batch is a torn end
   */
  DamageBehind(Verification found, Problem first, long tornFrom) {
    this.found = found;
    this.first = first;
    this.tornFrom = tornFrom;
  }

  /**
   * Reads the rest of the segment.
   *
   * @param check of the segment, which ended at the damage
   * @param upper exclusive end of the offsets that the segment may hold
   * @param gaps whether offsets may be missing between batches
   * @param readsRecords whether records are read, too
   */
  void look(Storage storage, SegmentCheck check, long upper, boolean gaps, boolean readsRecords)
      throws IOException {
    try (PatientFile log = new PatientFile(storage.open(first.file(), Storage.OpenMode.READ));
        ContentLook content = new ContentLook()) {
      int limit = (int) Math.min(log.size(), Integer.MAX_VALUE);
      walk =
          new SegmentWalk(
              log,
              new SegmentWalk.Range((int) check.bytes(), limit, check.endOffset(), upper, gaps),
              this::damaged);
      while (walk.next()) {
        found.batch(walk.batch());
        if (readsRecords) {
          content.read(walk.batch(), first.file(), walk.position());
        }
      }
      content.problems().forEach(found::problem);
    }
    if (unlisted > 0) {
      found.problem(Problem.of(first.file(), "and " + unlisted + " more damaged places"));
    }
  }

  private void damaged(long position, long end, String what) {
    if (position == first.position() || walk.dueOffset() >= tornFrom) {
      return;
    }
    if (listed < MAX_LISTED) {
      found.problem(new Problem(first.file(), position, what));
      listed++;
    } else {
      unlisted++;
    }
  }
}
