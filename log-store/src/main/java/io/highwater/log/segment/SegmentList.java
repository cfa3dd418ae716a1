package io.highwater.log.segment;

import io.highwater.proto.Invariant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The segments of a log in ascending order, never empty and never changed: every change makes a new
 * list, so a reader that took one is not disturbed (STO-6).
 */
public final class SegmentList {
  /** Stands for the end of the tail, which grows. */
  public static final long NO_END = Long.MAX_VALUE;

  private final Segment[] segments;

  /** A list of given segments, in ascending order. */
  public SegmentList(List<Segment> segments) {
    this(segments.toArray(new Segment[0]));
  }

  private SegmentList(Segment[] segments) {
    Invariant.check(segments.length > 0, "a log has a segment");
    for (int i = 1; i < segments.length; i++) {
      Invariant.check(
          segments[i - 1].baseOffset() < segments[i].baseOffset(),
          "STO-6: segments ascend",
          segments[i - 1].baseOffset(),
          segments[i].baseOffset());
    }
    this.segments = segments;
  }

  /** The segment that holds {@code offset} if the log does: the last one not starting above it. */
  public Segment floor(long offset) {
    return segments[floorIndex(offset)];
  }

  /** Index of {@link #floor}. */
  public int floorIndex(long offset) {
    int low = 1;
    int high = segments.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (segments[middle].baseOffset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** The segment at {@code index}. */
  public Segment get(int index) {
    return segments[index];
  }

  /** No batch of the segment at {@code index} reaches beyond: the next begins there. */
  public long endOf(int index) {
    return index + 1 < segments.length ? segments[index + 1].baseOffset() : NO_END;
  }

  /** Number of segments. */
  public int size() {
    return segments.length;
  }

  /** The first segment. */
  public Segment first() {
    return segments[0];
  }

  /** The tail. */
  public Segment last() {
    return segments[segments.length - 1];
  }

  /** This list and a new tail. */
  public SegmentList with(Segment tail) {
    Segment[] grown = Arrays.copyOf(segments, segments.length + 1);
    grown[segments.length] = tail;
    return new SegmentList(grown);
  }

  /** The first {@code count} segments. */
  public SegmentList head(int count) {
    return new SegmentList(Arrays.copyOf(segments, count));
  }

  /** All but the first {@code count} segments. */
  public SegmentList withoutFirst(int count) {
    return new SegmentList(Arrays.copyOfRange(segments, count, segments.length));
  }

  /** Whether all of {@code neighbours} are here, one after the other. */
  public boolean holds(List<Segment> neighbours) {
    int first = floorIndex(neighbours.get(0).baseOffset());
    return first + neighbours.size() <= segments.length
        && Arrays.asList(segments).subList(first, first + neighbours.size()).equals(neighbours);
  }

  /** With one segment where {@code neighbours} are, which {@link #holds} found. */
  public SegmentList replaced(List<Segment> neighbours, Segment one) {
    int first = floorIndex(neighbours.get(0).baseOffset());
    List<Segment> changed = new ArrayList<>(Arrays.asList(segments));
    changed.subList(first, first + neighbours.size()).clear();
    changed.add(first, one);
    return new SegmentList(changed);
  }

  /** The segments as a list. */
  public List<Segment> asList() {
    return List.of(segments);
  }
}
