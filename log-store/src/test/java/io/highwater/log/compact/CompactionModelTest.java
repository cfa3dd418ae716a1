package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.compact.KeyedLog.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A compacted log against a plain list (CMP-1): random appends, keys, tombstones, codecs, key maps
 * that are too small, cleanings, kills, power losses and clean restarts.
 */
class CompactionModelTest {
  private final List<Stored> appended = new ArrayList<>();
  private final Map<Long, Long> tombstoneCleanedMs = new HashMap<>();
  private KeyedLog log;
  private Random random;
  private int sequence;
  private long cleanedTo;

  @Property(tries = 60)
  void whatIsLeftIsTheLastOfEachKey(@ForAll long seed) {
    random = new Random(seed);
    appended.clear();
    tombstoneCleanedMs.clear();
    log = new KeyedLog();
    sequence = 0;
    cleanedTo = 0;
    for (int step = 0; step < 40; step++) {
      step();
      check(step);
    }
  }

  private void step() {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> clean();
      case 3 -> log.fixture.checkpoint().reopenCleanly();
      case 4 -> log.fixture.checkpoint().reopenAfterKill();
      case 5 -> losePower();
      case 6 -> log.fixture.nowMs.addAndGet(random.nextInt(150_000));
      default -> {
        for (int i = random.nextInt(12); i >= 0; i--) {
          append();
        }
      }
    }
  }

  private void append() {
    String[] records = new String[1 + random.nextInt(4)];
    for (int i = 0; i < records.length; i++) {
      String key = "k" + random.nextInt(25);
      boolean tombstone = random.nextInt(5) == 0;
      records[i] = tombstone ? key : key + "=" + "v".repeat(random.nextInt(120));
    }
    boolean idempotent = random.nextBoolean();
    appended.addAll(
        log.append(
            KeyedLog.CODECS.get(random.nextInt(KeyedLog.CODECS.size())),
            idempotent ? 7 : -1,
            idempotent ? sequence : -1,
            records));
    if (idempotent) {
      sequence += records.length;
    }
  }

  private void clean() {
    log.buffers = KeyedLog.buffers(random.nextBoolean() ? 1 << 20 : 16 + 24 * 12);
    List<Stored> before = log.records();
    long nowMs = log.fixture.nowMs.get();
    log.clean()
        .ifPresent(
            report -> {
              assertThat(report.cleanedTo()).isGreaterThanOrEqualTo(cleanedTo);
              cleanedTo = report.cleanedTo();
              for (Stored record : before) {
                if (record.isTombstone() && record.offset() < cleanedTo) {
                  tombstoneCleanedMs.putIfAbsent(record.offset(), nowMs);
                }
              }
            });
  }

  private void losePower() {
    log.fixture.log.flush();
    log.fixture.checkpoint();
    log.fixture.storage.losePower(random);
    log.fixture.afterCrash();
  }

  private void check(int step) {
    List<Stored> left = log.records();
    assertThat(appended).as("step %d", step).containsAll(left);
    Set<Long> offsets = new HashSet<>();
    long previous = -1;
    for (Stored record : left) {
      assertThat(record.offset()).isGreaterThan(previous);
      previous = record.offset();
      offsets.add(previous);
    }
    Map<String, Stored> latestBelow = new HashMap<>();
    for (Stored record : appended) {
      if (record.offset() < cleanedTo) {
        latestBelow.put(record.key(), record);
      } else {
        assertThat(offsets).contains(record.offset());
      }
    }
    Set<Long> superseded = new HashSet<>();
    for (Stored record : appended) {
      if (record.offset() < cleanedTo && latestBelow.get(record.key()).offset() > record.offset()) {
        superseded.add(record.offset());
      }
    }
    assertThat(superseded).as("step %d", step).noneMatch(offsets::contains);
    long nowMs = log.fixture.nowMs.get();
    for (Stored latest : latestBelow.values()) {
      // CMP-3: a tombstone may go once its time is over, no sooner.
      long since = tombstoneCleanedMs.getOrDefault(latest.offset(), nowMs);
      boolean mayBeGone =
          latest.isTombstone() && nowMs - since >= KeyedLog.COMPACT.deleteRetentionMs();
      assertThat(mayBeGone || offsets.contains(latest.offset()))
          .as("step %d: %s", step, latest)
          .isTrue();
    }
    if (sequence > 0) {
      // IDM-3: whatever was cleaned, the producer goes on where it was.
      assertThat(log.fixture.log.producers().all().iterator().next().nextSequence())
          .isEqualTo(sequence);
    }
  }
}
