package io.highwater.log.index;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The transactions that were aborted by a marker in one segment, in the order of the markers: what
 * a reader of committed transactions must skip. Derived from the batches and the producers' state
 * before them. Never changed.
 *
 * <pre>
 * .txnindex, as Kafka's: count * (i16 version 0 | i64 producer id | i64 first offset | i64 last offset
 *                                 | i64 last stable offset)
 * </pre>
 */
public final class TransactionIndex {
  /** Of a segment that aborts nothing. */
  public static final TransactionIndex EMPTY = new TransactionIndex(List.of());

  /** Of a segment whose index was lost: what it aborts must be found out from the log. */
  public static final TransactionIndex UNKNOWN = new TransactionIndex(List.of());

  /** Size of an entry in the file. */
  public static final int ENTRY_BYTES = Short.BYTES + 4 * Long.BYTES;

  private static final short VERSION = 0;

  private final List<AbortedTransaction> entries;

  private TransactionIndex(List<AbortedTransaction> entries) {
    this.entries = entries;
  }

  /** An index of given entries. */
  public static TransactionIndex of(List<AbortedTransaction> entries) {
    return entries.isEmpty() ? EMPTY : new TransactionIndex(List.copyOf(entries));
  }

  /** The index of a file's whole content; cut at the first entry of another version. */
  public static TransactionIndex decode(ByteBuffer content) {
    List<AbortedTransaction> entries = new ArrayList<>();
    while (content.remaining() >= ENTRY_BYTES && content.getShort() == VERSION) {
      entries.add(
          new AbortedTransaction(
              content.getLong(), content.getLong(), content.getLong(), content.getLong()));
    }
    return of(entries);
  }

  /** The entries; none when they are not {@linkplain #isKnown known}. */
  public List<AbortedTransaction> entries() {
    return entries;
  }

  /** Whether the entries are all there are. */
  public boolean isKnown() {
    return this != UNKNOWN;
  }

  /** This index and one more entry. */
  TransactionIndex with(AbortedTransaction aborted) {
    if (!isKnown()) {
      return this;
    }
    List<AbortedTransaction> grown = new ArrayList<>(entries);
    grown.add(aborted);
    return of(grown);
  }

  /** The index of the segment cut to {@code endOffset}. */
  public TransactionIndex truncatedTo(long endOffset) {
    return isKnown()
        ? of(entries.stream().filter(entry -> entry.lastOffset() < endOffset).toList())
        : this;
  }

  /** The file's bytes. */
  public ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(entries.size() * ENTRY_BYTES);
    for (AbortedTransaction entry : entries) {
      bytes.putShort(VERSION).putLong(entry.producerId()).putLong(entry.firstOffset());
      bytes.putLong(entry.lastOffset()).putLong(entry.lastStableOffset());
    }
    return bytes.flip();
  }
}
