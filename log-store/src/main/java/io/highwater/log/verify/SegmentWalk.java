package io.highwater.log.verify;

import io.highwater.log.segment.SegmentScanner;
import io.highwater.proto.record.BatchView;
import java.io.IOException;

/**
 * Walks the sound batches of one segment and goes on behind damage. A batch counts when its CRC
 * bears it out and its offset fits between its neighbours: the CRC does not cover that one (STO-4).
 * One thread.
 */
public final class SegmentWalk {
  /** What a segment's offsets may span: relative ones in its indexes have 31 bits (STO-6). */
  public static final long MAX_OFFSETS = 1L << 31;

  private static final int NOWHERE = -1;

  /** Hears of the bytes between sound batches, in their order. */
  public interface Damage {
    /**
     * Bytes that are no sound batch.
     *
     * @param end exclusive
     * @param what is wrong where they begin, for people
     */
    void damaged(long position, long end, String what);
  }

  /**
   * Where a walk goes.
   *
   * @param from where it begins
   * @param limit end of the bytes that count
   * @param lower the least offset that is due where it begins
   * @param upper exclusive end of the offsets that the segment may hold
   * @param gaps whether offsets may be missing where there is no damage
   */
  public record Range(int from, int limit, long lower, long upper, boolean gaps) {}

  private final PatientFile log;
  private final int limit;
  private final long upper;
  private final boolean gaps;
  private final SoundBatchSearch search;
  private final Damage listener;
  private SegmentScanner scan;
  private long lower;
  private int damagedFrom = NOWHERE;
  private String damage;
  private boolean passedDamage;

  /**
   * A walk that stands before the first batch.
   *
   * @param log stays open while the walk lasts
   */
  public SegmentWalk(PatientFile log, Range range, Damage listener) {
    this.log = log;
    this.limit = range.limit;
    this.lower = range.lower;
    this.upper = range.upper;
    this.gaps = range.gaps;
    this.listener = listener;
    this.search = new SoundBatchSearch(log, limit, upper);
    this.scan = scanFrom(range.from);
  }

  /**
   * Goes to the next sound batch.
   *
   * @return false when there is none any more
   */
  public boolean next() throws IOException {
    passedDamage = false;
    while (scan.next() || scan.problem() != null) {
      boolean whole = scan.problem() == null;
      if (whole && scan.batch().crcMatches()) {
        String misplaced = misplaced();
        if (misplaced == null) {
          closeDamage(scan.position());
          lower = scan.batch().nextOffset();
          return true;
        }
        // The CRC proves the length: what follows begins where it says.
        openDamage(scan.position(), misplaced);
      } else {
        openDamage(
            scan.position(),
            whole
                ? "the batch at offset " + scan.batch().baseOffset() + " fails its CRC"
                : scan.problem());
        goOnBehind(scan.position(), whole ? scan.nextPosition() : limit);
      }
    }
    closeDamage(limit);
    return false;
  }

  /** The batch that was found; valid until the next move. */
  public BatchView batch() {
    return scan.batch();
  }

  /** Where it begins. */
  public int position() {
    return scan.position();
  }

  /** The least offset that is due: where damage is told, behind the sound batch before it. */
  long dueOffset() {
    return lower;
  }

  /** Whether the last move went over damage. */
  public boolean passedDamage() {
    return passedDamage;
  }

  /** Mostly the length is right; else the next sound batch has to be looked for. */
  private void goOnBehind(int position, int byLength) throws IOException {
    boolean lengthIsRight = byLength < limit && search.isSound(byLength, lower);
    scan = scanFrom(lengthIsRight ? byLength : search.find(position + 1, lower));
    if (search.gaveUp()) {
      damage += "; too much behind it only looks like batches, so the search was given up";
    }
  }

  private SegmentScanner scanFrom(int position) {
    return new SegmentScanner(log, position, limit, SegmentScanner.Depth.WHOLE);
  }

  private String misplaced() throws IOException {
    BatchView batch = scan.batch();
    long base = batch.baseOffset();
    boolean fits = base >= lower && base <= upper - 1 - batch.lastOffsetDelta();
    if (fits && base > lower) {
      long following = search.baseOffsetAt(scan.nextPosition());
      boolean isBorneOut = following >= batch.nextOffset();
      boolean isContradicted = following >= lower && !isBorneOut;
      fits = isBorneOut || (!isContradicted && (gaps || damagedFrom != NOWHERE));
    }
    return fits
        ? null
        : "a batch says that it is at offset " + base + " where " + lower + " is due";
  }

  private void openDamage(int position, String what) {
    if (damagedFrom == NOWHERE) {
      damagedFrom = position;
      damage = what;
    }
  }

  private void closeDamage(int end) {
    if (damagedFrom != NOWHERE) {
      String failure = log.takeFailure();
      listener.damaged(
          damagedFrom, end, failure == null ? damage : damage + "; the disk says: " + failure);
      damagedFrom = NOWHERE;
      passedDamage = true;
    }
  }
}
