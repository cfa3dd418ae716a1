package io.highwater.replication.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The newest entries of the metadata log as they were applied, for those who follow it from outside
 * the quorum; what is older is to be had as an image only. Bounded; safe for use by any thread.
 */
public final class MetadataHistory {
  private static final int MAX_ENTRIES = 4_096;
  private static final long MAX_BYTES = 16 << 20;

  /**
   * An entry.
   *
   * @param index its place in the log
   * @param command encoded by {@link CommandCodec}; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared or hashed.
  public record Entry(long index, byte[] command) {}

  private final TreeMap<Long, byte[]> entries = new TreeMap<>();
  private final List<Runnable> listeners = new ArrayList<>();
  private ClusterImage image = ClusterImage.EMPTY;
  private long bytes;

  /** All entries above this index are here. */
  private long floor = ClusterImage.EMPTY.index();

  /** Begins again with an image out of a snapshot. */
  public synchronized void restart(ClusterImage snapshot) {
    entries.clear();
    bytes = 0;
    image = snapshot;
    floor = snapshot.index();
    listeners.forEach(Runnable::run);
  }

  /**
   * Adds the entry that was applied.
   *
   * @param after the image with it
   * @param command the entry, kept
   */
  public synchronized void applied(ClusterImage after, byte[] command) {
    entries.put(after.index(), command);
    bytes += command.length;
    image = after;
    while (entries.size() > MAX_ENTRIES || bytes > MAX_BYTES) {
      Map.Entry<Long, byte[]> oldest = entries.pollFirstEntry();
      bytes -= oldest.getValue().length;
      floor = oldest.getKey();
    }
    listeners.forEach(Runnable::run);
  }

  /** The image after the last entry. */
  public synchronized ClusterImage image() {
    return image;
  }

  /**
   * The entries after an index, the oldest first.
   *
   * @param max at most so many
   * @return nothing when not all of them are here any more
   */
  public synchronized Optional<List<Entry>> after(long index, int max) {
    if (index < floor) {
      return Optional.empty();
    }
    List<Entry> found = new ArrayList<>();
    for (Map.Entry<Long, byte[]> entry : entries.tailMap(index, false).entrySet()) {
      if (found.size() == max) {
        break;
      }
      found.add(new Entry(entry.getKey(), entry.getValue()));
    }
    return Optional.of(found);
  }

  /** Has a task run after every change, on the thread that made it; it must return at once. */
  public synchronized void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
