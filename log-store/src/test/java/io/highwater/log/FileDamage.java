package io.highwater.log;

import io.highwater.log.io.SimStorage;
import io.highwater.log.segment.SegmentFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What may happen to a file. */
enum FileDamage {
  FLIP,
  CUT,
  ZERO_A_BLOCK,
  SWAP_TWO_BLOCKS,
  DELETE,
  DUPLICATE,
  RESTORE_AN_OLDER_COPY;

  private static final int BLOCK = 64;

  /**
   * What it may do to a file: contents by path, null for a file that is gone; none that changes
   * nothing.
   *
   * @param now where the file is sound
   * @param older the same storage at an earlier time
   */
  List<Map<Path, byte[]>> changes(Path file, SimStorage now, SimStorage older) {
    byte[] sound = now.content(file);
    List<Map<Path, byte[]>> changes = new ArrayList<>();
    switch (this) {
      case FLIP -> {
        for (int at = 0; at < sound.length; at += Math.max(1, sound.length / 24)) {
          byte[] flipped = sound.clone();
          flipped[at] ^= (byte) (1 << (at % 7));
          changes.add(Map.of(file, flipped));
        }
      }
      case CUT -> {
        changes.add(Map.of(file, Arrays.copyOf(sound, sound.length / 2)));
        changes.add(Map.of(file, Arrays.copyOf(sound, Math.max(0, sound.length - 1))));
        changes.add(Map.of(file, new byte[0]));
        if (file.toString().endsWith(".log")) {
          int first = BatchesInFile.sizeAt(sound, 0);
          changes.add(Map.of(file, Arrays.copyOf(sound, first)));
          changes.add(Map.of(file, Arrays.copyOf(sound, BatchesInFile.lastStart(sound))));
        }
      }
      case ZERO_A_BLOCK -> {
        for (int at = 0; at < sound.length; at += Math.max(BLOCK, sound.length / 8)) {
          byte[] zeroed = sound.clone();
          Arrays.fill(zeroed, at, Math.min(sound.length, at + BLOCK), (byte) 0);
          changes.add(Map.of(file, zeroed));
        }
      }
      case SWAP_TWO_BLOCKS -> {
        int block = Math.min(BLOCK, sound.length / 3);
        int other = sound.length - block;
        byte[] swapped = sound.clone();
        System.arraycopy(sound, 0, swapped, other, block);
        System.arraycopy(sound, other, swapped, 0, block);
        changes.add(Map.of(file, swapped));
      }
      case DELETE -> {
        Map<Path, byte[]> gone = new LinkedHashMap<>();
        gone.put(file, null);
        changes.add(gone);
      }
      case DUPLICATE -> {
        String name = file.getFileName().toString();
        int dot = name.indexOf('.');
        if (dot == 20) {
          long base = Long.parseLong(name.substring(0, dot));
          changes.add(
              Map.of(SegmentFiles.path(file.getParent(), base + 1, name.substring(dot)), sound));
        } else {
          changes.add(Map.of(file, twice(sound)));
        }
      }
      case RESTORE_AN_OLDER_COPY -> {
        Path sidecar = file.resolveSibling(file.getFileName() + ".crc");
        if (older.exists(file)) {
          changes.add(Map.of(file, older.content(file)));
          if (older.exists(sidecar)) {
            Map<Path, byte[]> both = new LinkedHashMap<>();
            both.put(file, older.content(file));
            both.put(sidecar, older.content(sidecar));
            changes.add(both);
          }
        }
      }
    }
    changes.removeIf(
        change ->
            change.size() == 1
                && change.containsKey(file)
                && Arrays.equals(change.get(file), sound));
    return changes;
  }

  private static byte[] twice(byte[] content) {
    byte[] twice = Arrays.copyOf(content, 2 * content.length);
    System.arraycopy(content, 0, twice, content.length, content.length);
    return twice;
  }

  /** Where batches lie in the bytes of a log file. */
  private static final class BatchesInFile {
    static int sizeAt(byte[] log, int start) {
      return 12 + ByteBuffer.wrap(log).getInt(start + 8);
    }

    static int lastStart(byte[] log) {
      int start = 0;
      while (start + sizeAt(log, start) < log.length) {
        start += sizeAt(log, start);
      }
      return start;
    }
  }
}
