package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class OffsetMapTest {
  private static SipHash128 hash(String text) {
    SipHash128 hash = new SipHash128(1, 2);
    byte[] key = text.getBytes(StandardCharsets.UTF_8);
    hash.hash(new UnsafeBuffer(key), 0, key.length);
    return hash;
  }

  private static boolean put(OffsetMap map, String text, long offset) {
    SipHash128 hash = hash(text);
    return map.put(hash.high(), hash.low(), offset);
  }

  private static long latest(OffsetMap map, String text) {
    SipHash128 hash = hash(text);
    return map.latest(hash.high(), hash.low());
  }

  @Test
  void theLatestOffsetOfEachKeyIsKept() {
    OffsetMap map = new OffsetMap(1 << 20, 0.9, 1, 2);
    Map<String, Long> model = new HashMap<>();
    Random random = new Random(3);
    for (int round = 0; round < 3; round++) {
      map.clear(20_000);
      model.clear();
      for (long offset = 0; offset < 50_000; offset++) {
        String key = "key-" + random.nextInt(20_000);
        assertThat(put(map, key, offset)).isTrue();
        model.put(key, offset);
      }
      assertThat(map.size()).isEqualTo(model.size());
      model.forEach((key, offset) -> assertThat(latest(map, key)).isEqualTo(offset));
      assertThat(latest(map, "another")).isEqualTo(OffsetMap.NONE);
      assertThat(latest(map, "")).isEqualTo(OffsetMap.NONE);
    }
  }

  @Test
  void aFullMapRefusesNewKeysAndStillUpdatesKnownOnes() {
    OffsetMap map = new OffsetMap(16 + 10 * OffsetMap.SLOT_BYTES, 1, 1, 2);
    map.clear(Long.MAX_VALUE);
    int keys = 0;
    while (put(map, "key-" + keys, keys)) {
      keys++;
    }
    assertThat(keys).isEqualTo(9).isEqualTo(map.maxKeys());
    assertThat(latest(map, "key-9")).isEqualTo(OffsetMap.NONE);
    assertThat(put(map, "key-3", 100)).isTrue();
    assertThat(latest(map, "key-3")).isEqualTo(100);
  }

  /** The bound holds to the byte, at every size that is asked for. */
  @Test
  void memoryNeverExceedsTheBound() {
    for (long bound = 16 + 2 * OffsetMap.SLOT_BYTES; bound < 4000; bound++) {
      OffsetMap map = new OffsetMap(bound, 0.9, 1, 2);
      for (long expected : new long[] {1, 5, 100, 1_000_000, Long.MAX_VALUE}) {
        map.clear(expected);
        assertThat(map.sizeInBytes()).isLessThanOrEqualTo(bound);
        int keys = 0;
        while (keys < 1000 && put(map, "k" + keys, keys)) {
          keys++;
        }
        assertThat(keys).isBetween(1, map.maxKeys());
      }
      // All of it is used, less than one slot and the array's rounding apart.
      assertThat(map.sizeInBytes()).isGreaterThan(bound - OffsetMap.SLOT_BYTES);
    }
  }

  /** As OpenSSL computes it: secret 00 to 0f, input 00, 01, … */
  @Test
  void theHashIsSipHash() {
    SipHash128 hash = new SipHash128(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    byte[] input = new byte[64];
    for (int i = 0; i < input.length; i++) {
      input[i] = (byte) i;
    }
    UnsafeBuffer buffer = new UnsafeBuffer(input);
    hash.hash(buffer, 0, 0);
    assertThat(hex(hash)).isEqualTo("a3817f04ba25a8e66df67214c7550293");
    hash.hash(buffer, 0, 1);
    assertThat(hex(hash)).isEqualTo("da87c1d86b99af44347659119b22fc45");
    hash.hash(buffer, 0, 15);
    assertThat(hex(hash)).isEqualTo("5493e99933b0a8117e08ec0f97cfc3d9");
  }

  private static String hex(SipHash128 hash) {
    return String.format(
        "%016x%016x", Long.reverseBytes(hash.high()), Long.reverseBytes(hash.low()));
  }
}
