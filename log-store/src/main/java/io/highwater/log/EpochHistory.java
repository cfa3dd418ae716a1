package io.highwater.log;

import io.highwater.proto.Invariant;
import java.util.Arrays;
import java.util.List;

/**
 * Which leader epoch began at which offset: immutable, so that readers share it with the writer.
 * Entries ascend strictly in epoch and in offset (LEP-6): an epoch in which nothing was appended
 * leaves no entry once the next one begins at the same offset.
 */
public final class EpochHistory {
  /** The history of an empty log. */
  public static final EpochHistory EMPTY = new EpochHistory(new Entry[0]);

  /**
   * An epoch and where it begins.
   *
   * @param epoch leader epoch
   * @param startOffset offset of its first record
   */
  public record Entry(int epoch, long startOffset) {}

  private final Entry[] entries;

  private EpochHistory(Entry[] entries) {
    this.entries = entries;
  }

  /**
   * A history of given entries.
   *
   * @throws io.highwater.proto.InvariantViolation when they do not ascend
   */
  public static EpochHistory of(List<Entry> entries) {
    EpochHistory history = EMPTY;
    for (Entry entry : entries) {
      Invariant.check(
          history.entries.length == 0 || entry.startOffset() > history.last().startOffset(),
          "LEP-6: epoch starts ascend",
          entry.epoch(),
          entry.startOffset());
      history = history.assign(entry.epoch(), entry.startOffset());
    }
    return history;
  }

  /** The entries in ascending order. */
  public List<Entry> entries() {
    return List.of(entries);
  }

  /** The latest epoch, or {@link EpochEnd#NONE}. */
  public int lastEpoch() {
    return entries.length == 0 ? EpochEnd.NONE : last().epoch();
  }

  /**
   * The history after {@code epoch} began at {@code startOffset}; this one when the epoch is the
   * latest already.
   *
   * @throws io.highwater.proto.InvariantViolation when the epoch is older than the latest (LEP-4)
   */
  public EpochHistory assign(int epoch, long startOffset) {
    int lastEpoch = lastEpoch();
    if (epoch == lastEpoch) {
      return this;
    }
    Invariant.check(epoch > lastEpoch, "LEP-4: leader epochs along a log ascend", epoch, lastEpoch);
    int kept = below(startOffset);
    Entry[] grown = Arrays.copyOf(entries, kept + 1);
    grown[kept] = new Entry(epoch, startOffset);
    return new EpochHistory(grown);
  }

  /** The history of the log cut to {@code endOffset}: entries from there on are gone (LEP-6). */
  public EpochHistory truncatedTo(long endOffset) {
    int kept = below(endOffset);
    return kept == entries.length ? this : new EpochHistory(Arrays.copyOf(entries, kept));
  }

  /** The history of the log whose first offset is {@code startOffset}. */
  public EpochHistory startingAt(long startOffset) {
    int first = below(startOffset + 1) - 1;
    if (first < 0 || (first == 0 && entries[0].startOffset() == startOffset)) {
      return this;
    }
    Entry[] rest = Arrays.copyOfRange(entries, first, entries.length);
    rest[0] = new Entry(rest[0].epoch(), startOffset);
    return new EpochHistory(rest);
  }

  /**
   * The largest epoch not above {@code epoch} and where it ends.
   *
   * @param logEnd the end of the last epoch
   */
  public EpochEnd endOf(int epoch, long logEnd) {
    int next = 0;
    while (next < entries.length && entries[next].epoch() <= epoch) {
      next++;
    }
    long endOffset = next < entries.length ? entries[next].startOffset() : logEnd;
    return new EpochEnd(next == 0 ? EpochEnd.NONE : entries[next - 1].epoch(), endOffset);
  }

  /** The epoch of the record at {@code offset}, or {@link EpochEnd#NONE}. */
  public int epochAt(long offset) {
    int count = below(offset + 1);
    return count == 0 ? EpochEnd.NONE : entries[count - 1].epoch();
  }

  private Entry last() {
    return entries[entries.length - 1];
  }

  /** How many entries start below {@code offset}. */
  private int below(long offset) {
    int count = entries.length;
    while (count > 0 && entries[count - 1].startOffset() >= offset) {
      count--;
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EpochHistory that && Arrays.equals(entries, that.entries);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(entries);
  }

  @Override
  public String toString() {
    return Arrays.toString(entries);
  }
}
