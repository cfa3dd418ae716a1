package io.highwater.log.verify;

import io.highwater.proto.record.BatchView;
import java.util.ArrayList;
import java.util.List;

/** What a look for damage saw. One thread. */
public final class Verification {
  private final List<Problem> problems = new ArrayList<>();
  private int partitions;
  private int segments;
  private long batches;
  private long bytes;

  /** Counts a partition in. */
  void partition(Verification of) {
    partitions++;
    segments += of.segments;
    batches += of.batches;
    bytes += of.bytes;
    problems.addAll(of.problems);
  }

  /** Counts a segment in. */
  void segment(SegmentCheck check) {
    segments++;
    batches += check.batches();
    bytes += check.bytes();
  }

  /** Counts a sound batch in that lies behind damage. */
  void batch(BatchView batch) {
    batches++;
    bytes += batch.sizeInBytes();
  }

  /** Takes a problem down. */
  void problem(Problem problem) {
    problems.add(problem);
  }

  /** Keeps only what {@code before} has as well. */
  void retainOf(Verification before) {
    problems.retainAll(before.problems);
  }

  /** Damage, in the order of the files. */
  public List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** Partitions looked at. */
  public int partitions() {
    return partitions;
  }

  /** Segments looked at. */
  public int segments() {
    return segments;
  }

  /** Sound batches. */
  public long batches() {
    return batches;
  }

  /** Bytes of sound batches. */
  public long bytes() {
    return bytes;
  }
}
