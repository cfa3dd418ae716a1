package io.highwater.log.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The bytes of a simulated file: in the page cache, on the disk, and the changes in between. */
final class SimInode {
  /** A write, or a cut when it has no data. */
  private static final class Change {
    private final int position;
    private final byte[] data;

    Change(int position, byte[] data) {
      this.position = position;
      this.data = data;
    }
  }

  private final List<Change> unsynced = new ArrayList<>();
  private byte[] bytes = new byte[0];
  private int size;
  private byte[] durable = new byte[0];

  int size() {
    return size;
  }

  byte[] content() {
    return Arrays.copyOf(bytes, size);
  }

  void read(ByteBuffer into, int position, int count) {
    into.put(bytes, position, count);
  }

  void write(int position, byte[] data) {
    apply(position, data);
    unsynced.add(new Change(position, data));
  }

  void cut(int to) {
    applyCut(to);
    unsynced.add(new Change(to, null));
  }

  boolean isSynced() {
    return unsynced.isEmpty();
  }

  void sync() {
    durable = content();
    unsynced.clear();
  }

  /** Other bytes altogether, durably. */
  void replace(byte[] content) {
    bytes = content.clone();
    size = content.length;
    sync();
  }

  /** Goes back to what was synced, and with a random source some prefix of the changes since. */
  void losePower(Random random) {
    List<Change> changes = new ArrayList<>(unsynced);
    replace(durable);
    int kept = random == null ? 0 : random.nextInt(changes.size() + 1);
    for (int i = 0; i < kept; i++) {
      Change change = changes.get(i);
      if (change.data == null) {
        applyCut(Math.min(change.position, size));
      } else {
        boolean last = i == kept - 1;
        int length = last ? random.nextInt(change.data.length + 1) : change.data.length;
        apply(change.position, Arrays.copyOf(change.data, length));
      }
    }
    sync();
  }

  private void apply(int position, byte[] data) {
    if (position + data.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(position + data.length, bytes.length * 2));
    }
    System.arraycopy(data, 0, bytes, position, data.length);
    size = Math.max(size, position + data.length);
  }

  private void applyCut(int to) {
    Arrays.fill(bytes, to, size, (byte) 0);
    size = to;
  }
}
