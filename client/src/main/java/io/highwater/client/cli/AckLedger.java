package io.highwater.client.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;
import org.agrona.collections.Long2LongHashMap;

/**
 * Proves that a topic, new when the run began, gives back what was acknowledged: every acknowledged
 * record exactly once, byte for byte, in the order in which it was sent, all records of a key in
 * one partition. Knows nothing of brokers: acknowledgements go in as they come, then every record
 * of every partition as it is read.
 *
 * <p>Records are told apart by where they are, not by what they hold, so equal records are no
 * trouble. Holds 12 bytes per record and 16 to 48 per key; the bytes are compared by a 64-bit hash.
 * Methods may be called from any thread.
 */
final class AckLedger {
  /** What can be wrong. */
  enum Fault {
    /** Acknowledged, but not there. */
    LOST,
    /** There without an acknowledgement of its own: a second copy, or somebody else's. */
    DUPLICATE,
    /** Not in the order in which it was sent, or its key is in two partitions. */
    REORDERED,
    /** Other bytes than those sent. */
    CORRUPT
  }

  /**
   * What came out.
   *
   * @param acknowledged how many records were
   * @param intact how many of these came back exactly as they should
   * @param faults how often each fault was seen; empty when all is proven
   * @param examples the first few faults, for people
   */
  record Verdict(long acknowledged, long intact, Map<Fault, Long> faults, List<String> examples) {
    /** Whether every acknowledged record came back as it should, and nothing else. */
    boolean proven() {
      return faults.isEmpty() && acknowledged == intact;
    }
  }

  private static final int MAX_EXAMPLES = 3;
  private static final XXHash64 HASH = XXHashFactory.safeInstance().hash64();
  private static final long NO_KEY_SEED = 0x9E3779B97F4A7C15L;

  private final Partition[] partitions;
  private final Long2LongHashMap partitionOfKey = new Long2LongHashMap(-1);
  private final EnumMap<Fault, Long> faults = new EnumMap<>(Fault.class);
  private final List<String> examples = new ArrayList<>();
  private int sent;
  private long acknowledged;
  private long intact;

  AckLedger(int partitionCount) {
    partitions = new Partition[partitionCount];
    Arrays.setAll(partitions, partition -> new Partition());
  }

  /** A hash over key and value, either of which may be null. */
  static long fingerprint(byte[] key, byte[] value) {
    long seed = key == null ? NO_KEY_SEED : keyFingerprint(key);
    return value == null ? ~seed : HASH.hash(value, 0, value.length, seed);
  }

  private static long keyFingerprint(byte[] key) {
    return HASH.hash(key, 0, key.length, key.length);
  }

  /**
   * Notes that a record is about to be sent.
   *
   * @return its place among all that were sent, from 0
   */
  synchronized int sent() {
    return sent++;
  }

  /**
   * Notes an acknowledgement.
   *
   * @param sequence what {@link #sent()} said
   * @param key the record's key, or null
   * @param fingerprint of the record as it was sent
   */
  synchronized void acknowledged(
      int sequence, byte[] key, long fingerprint, int partition, long offset) {
    acknowledged++;
    String where = "partition " + partition + " offset " + offset;
    if (partition < 0 || partition >= partitions.length || offset < 0) {
      fault(Fault.LOST, "record " + sequence + " was acknowledged at " + where);
    } else if (offset >= sent) {
      // An offset drives allocation here, so one that cannot be is no place to store anything.
      fault(Fault.DUPLICATE, where + " was acknowledged when only " + sent + " records were sent");
    } else if (!partitions[partition].put(offset, sequence, fingerprint)) {
      fault(Fault.LOST, where + " was acknowledged for two records");
    }
    if (key != null) {
      long before = partitionOfKey.put(keyFingerprint(key), partition);
      if (before >= 0 && before != partition) {
        fault(Fault.REORDERED, "a key's records are in partitions " + before + " and " + partition);
      }
    }
  }

  /**
   * Notes a record that was read back; the records of a partition in the order of reading.
   *
   * @param fingerprint of the record as it was read
   */
  synchronized void consumed(int partition, long offset, long fingerprint) {
    Partition ledger = partitions[partition];
    String where = "partition " + partition + " offset " + offset;
    if (offset < ledger.nextOffset) {
      fault(Fault.DUPLICATE, where + " was read again");
      return;
    }
    countLost(partition, offset);
    ledger.nextOffset = offset + 1;
    int sequence = ledger.sequence(offset);
    if (sequence < 0) {
      fault(Fault.DUPLICATE, where + " holds a record that no acknowledgement belongs to");
    } else if (ledger.fingerprint(offset) != fingerprint) {
      fault(Fault.CORRUPT, where + " holds other bytes than those that were sent");
    } else if (sequence < ledger.lastSequence) {
      fault(Fault.REORDERED, where + " holds a record that was sent before the one in front of it");
    } else {
      ledger.lastSequence = sequence;
      intact++;
    }
  }

  /** Behind the last acknowledged offset of a partition. */
  synchronized long endOffset(int partition) {
    return partitions[partition].endOffset;
  }

  /** What came out; to be asked once everything has been read. */
  synchronized Verdict verdict() {
    for (int partition = 0; partition < partitions.length; partition++) {
      Partition ledger = partitions[partition];
      countLost(partition, ledger.endOffset);
      ledger.nextOffset = Math.max(ledger.nextOffset, ledger.endOffset);
    }
    return new Verdict(acknowledged, intact, Map.copyOf(faults), List.copyOf(examples));
  }

  private void countLost(int partition, long untilOffset) {
    Partition ledger = partitions[partition];
    long end = Math.min(untilOffset, ledger.endOffset);
    for (long offset = ledger.nextOffset; offset < end; offset++) {
      if (ledger.sequence(offset) >= 0) {
        fault(Fault.LOST, "partition " + partition + " offset " + offset + " was not read back");
      }
    }
  }

  private void fault(Fault fault, String example) {
    faults.merge(fault, 1L, Long::sum);
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(example);
    }
  }

  /** What was acknowledged in one partition, by offset. */
  private static final class Partition {
    private static final int BLOCK = 1 << 14;

    private final List<long[]> fingerprints = new ArrayList<>();
    private final List<int[]> sequences = new ArrayList<>();
    private long endOffset;
    private long nextOffset;
    private int lastSequence = -1;

    boolean put(long offset, int sequence, long fingerprint) {
      int block = Math.toIntExact(offset / BLOCK);
      while (sequences.size() <= block) {
        fingerprints.add(new long[BLOCK]);
        int[] none = new int[BLOCK];
        Arrays.fill(none, -1);
        sequences.add(none);
      }
      int slot = (int) (offset % BLOCK);
      if (sequences.get(block)[slot] >= 0) {
        return false;
      }
      sequences.get(block)[slot] = sequence;
      fingerprints.get(block)[slot] = fingerprint;
      endOffset = Math.max(endOffset, offset + 1);
      return true;
    }

    int sequence(long offset) {
      return offset < endOffset
          ? sequences.get((int) (offset / BLOCK))[(int) (offset % BLOCK)]
          : -1;
    }

    long fingerprint(long offset) {
      return fingerprints.get((int) (offset / BLOCK))[(int) (offset % BLOCK)];
    }
  }
}
