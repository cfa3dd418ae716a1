package io.highwater.log.compact;

import java.util.Arrays;

/**
 * The greatest offset of each key in one fixed block of memory, open addressing. Keys are not kept,
 * only their hashes: SipHash-2-4 of 128 bits under a secret drawn for each map. Two keys that share
 * a hash would cost the older one's record. That is safe to build upon: for {@code n} keys the odds
 * of one such pair are {@code n²/2¹²⁹}, under 10⁻¹⁹ for ten billion keys; and as SipHash is a keyed
 * pseudo-random function, a client that does not know the secret cannot make them better, nor aim
 * keys at one slot.
 *
 * <p>A slot takes {@link #SLOT_BYTES}: the hash and the offset. One thread at a time.
 */
public final class OffsetMap {
  /** Memory of one key. */
  public static final int SLOT_BYTES = 24;

  /** What the JVM adds to an array. */
  private static final int ARRAY_BYTES = 16;

  private static final int LONGS_PER_SLOT = SLOT_BYTES / Long.BYTES;
  private static final int MAX_SLOTS = (Integer.MAX_VALUE - 8) / LONGS_PER_SLOT;

  /** What a key that is not there has. */
  public static final long NONE = -1;

  private final SipHash128 hash;
  private final int maxSlots;
  private final double loadFactor;
  private long[] block = new long[0];
  private int slots;
  private int maxKeys;
  private int size;

  @SuppressWarnings("unused") // Loads whose result nobody could see would be left out.
  private long prefetched;

  /**
   * A map whose block never takes more than {@code maxBytes}; it is allocated by {@link #clear}, as
   * large as what is expected needs.
   *
   * @param maxBytes the bound, the array's own header included; at least that of one slot
   * @param loadFactor the part of the slots that may be taken, above 0 and up to 1; one stays free
   */
  public OffsetMap(long maxBytes, double loadFactor, long secret0, long secret1) {
    if (maxBytes < ARRAY_BYTES + 2 * SLOT_BYTES || !(loadFactor > 0 && loadFactor <= 1)) {
      throw new IllegalArgumentException("maxBytes " + maxBytes + ", load factor " + loadFactor);
    }
    this.maxSlots = (int) Math.min(MAX_SLOTS, (maxBytes - ARRAY_BYTES) / SLOT_BYTES);
    this.loadFactor = loadFactor;
    this.hash = new SipHash128(secret0, secret1);
  }

  /** Forgets everything and makes ready for up to {@code expectedKeys}, as far as memory allows. */
  public void clear(long expectedKeys) {
    double wanted = Math.ceil(Math.max(1, expectedKeys) / loadFactor) + 1;
    slots = (int) Math.min(maxSlots, wanted);
    maxKeys = Math.max(1, Math.min(slots - 1, (int) (slots * loadFactor)));
    size = 0;
    if (block.length < slots * LONGS_PER_SLOT) {
      block = null; // The old block goes before the new one comes: the bound is on both.
      block = new long[slots * LONGS_PER_SLOT];
    } else {
      Arrays.fill(block, 0, slots * LONGS_PER_SLOT, 0);
    }
  }

  /** Keys held. */
  public int size() {
    return size;
  }

  /** Keys it takes before {@link #put} refuses. */
  public int maxKeys() {
    return maxKeys;
  }

  /** Memory that the block takes now. */
  public long sizeInBytes() {
    return ARRAY_BYTES + (long) block.length * Long.BYTES;
  }

  /** Room for keys hashed under this map's secret. */
  HashedKeys newKeys() {
    return new HashedKeys(hash);
  }

  /**
   * Brings the slots of some keys near. Where the map is larger than the processor's caches, each
   * look-up waits for memory; these loads depend on nothing, so they wait together.
   */
  void prefetch(HashedKeys keys) {
    long[] slotsOf = block;
    long sum = 0;
    for (int i = 0; i < keys.count(); i++) {
      int at = slotOf(keys.high(i)) * LONGS_PER_SLOT;
      sum += slotsOf[at] + slotsOf[at + 2]; // A quarter of the slots lies in two cache lines.
    }
    prefetched = sum;
  }

  /**
   * Notes a key's offset; the later call wins.
   *
   * @param high of the key's hash, as {@code low}
   * @param offset from 0
   * @return false when the key is new and there is no room: nothing has changed then
   */
  boolean put(long high, long low, long offset) {
    int at = find(high, low);
    if (block[at + 2] == 0) {
      if (size == maxKeys) {
        return false;
      }
      block[at] = high;
      block[at + 1] = low;
      size++;
    }
    block[at + 2] = offset + 1; // So that 0 stands for a free slot.
    return true;
  }

  /** The offset noted last for the key of a hash, or {@link #NONE}. */
  long latest(long high, long low) {
    return block[find(high, low) + 2] - 1;
  }

  /** Where the slot of a hash begins, or the free one where it would. */
  private int find(long high, long low) {
    int slot = slotOf(high);
    while (true) {
      int at = slot * LONGS_PER_SLOT;
      if (block[at + 2] == 0 || (block[at] == high && block[at + 1] == low)) {
        return at;
      }
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
  }

  private int slotOf(long high) {
    return (int) (((high >>> 32) * slots) >>> 32);
  }
}
