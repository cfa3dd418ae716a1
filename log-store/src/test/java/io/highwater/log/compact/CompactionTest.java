package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.LogFixture;
import io.highwater.log.PartitionLog;
import io.highwater.log.compact.KeyedLog.Stored;
import io.highwater.log.verify.LogScrub;
import io.highwater.proto.record.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompactionTest {
  private final KeyedLog log = new KeyedLog();

  /** CMP-1. */
  @Test
  void theLastRecordOfEachKeyStaysAsItWas() {
    List<Stored> appended = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Codec codec = KeyedLog.CODECS.get(i % KeyedLog.CODECS.size());
      appended.addAll(log.append(codec, -1, -1, "a=" + i, "b" + i % 3 + "=" + i, "c=" + i));
    }
    log.roll();
    CompactionReport report = log.clean().orElseThrow();

    assertThat(report.complete()).isTrue();
    assertThat(report.bytesOut()).isLessThan(report.bytesIn() / 3);
    long cleaned = report.cleanedTo();
    List<Stored> left = log.records();
    List<Stored> below = left.stream().filter(record -> record.offset() < cleaned).toList();
    assertThat(below.stream().map(Stored::key)).doesNotHaveDuplicates();
    assertThat(appended).containsAll(below.stream().filter(r -> !r.key().startsWith("f")).toList());
    for (Stored record : appended) {
      boolean latest =
          appended.stream()
              .filter(other -> other.key().equals(record.key()) && other.offset() < cleaned)
              .noneMatch(other -> other.offset() > record.offset());
      if (record.offset() < cleaned && latest) {
        assertThat(below).contains(record);
      }
    }
    assertThat(log.fixture.reopenAfterKill().log.damage()).isEmpty();
    assertThat(log.records()).isEqualTo(left);
    assertThat(log.fixture.reopenCleanly().log.recovery().clean()).isTrue();
    assertThat(log.records()).isEqualTo(left);
  }

  /** CMP-1, where a batch has more records than are looked up at a time. */
  @Test
  void aBatchOfThousandsOfRecordsKeepsTheLastOfEachKey() {
    log.fixture.config = KeyedLog.SMALL.withSegmentBytes(1 << 17).withMaxBatchBytes(1 << 16);
    log.fixture.reopenCleanly();
    String[] records = new String[2_500];
    for (int i = 0; i < records.length; i++) {
      records[i] = "k" + i * 7 % 1_100 + "=" + i;
    }
    List<Stored> appended = log.append(Codec.LZ4, -1, -1, records);
    appended.addAll(log.append(records));
    log.roll();
    assertThat(log.clean()).isPresent();

    assertThat(log.records().stream().filter(record -> record.key().startsWith("k")).toList())
        .isEqualTo(appended.subList(appended.size() - 1_100, appended.size()));
  }

  /** A follower that copies a log after its cleaning has its gaps, though it never cleaned. */
  @Test
  void aCopyOfACompactedLogIsSoundToTheScrubAndToTheNextOpening() {
    for (int i = 0; i < 60; i++) {
      log.append(Codec.NONE, -1, -1, "a=" + i, "b" + i % 3 + "=" + i, "c=" + i);
    }
    log.roll();
    assertThat(log.clean()).isPresent();
    PartitionLog leader = log.fixture.log;
    KeyedLog copy = new KeyedLog();
    PartitionLog follower = copy.fixture.log;
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    for (long at = 0; at < leader.logEndOffset(); at = follower.logEndOffset()) {
      leader.read(at, Long.MAX_VALUE, bytes.clear());
      follower.appendAsFollower(bytes.flip(), at, leader.lastEpoch());
    }
    assertThat(copy.records()).isEqualTo(log.records());
    copy.roll();
    follower.flushSealed();
    List<Stored> there = copy.records();

    LogScrub scrub = follower.scrub();
    while (scrub.step(1 << 20) >= 0) {
      assertThat(follower.damage()).isEmpty();
    }
    assertThat(follower.damage()).isEmpty();
    assertThat(copy.records()).isEqualTo(there);
    assertThat(copy.fixture.reopenAfterKill().log.damage()).isEmpty();
    assertThat(copy.records()).isEqualTo(there);
  }

  /** Also of a topic that nobody writes to any more. */
  @Test
  void whatIsOverdueDoesNotStayInTheActiveSegment() {
    log.fixture.config =
        KeyedLog.SMALL.withCompaction(new CompactionConfig(true, 0.5, 0, 60_000, 100_000));
    log.fixture.reopenCleanly();
    log.append("a=1", "a=2");
    log.fixture.nowMs.addAndGet(59_000);
    log.fixture.log.retention().rollIfOld();
    assertThat(log.clean()).isEmpty();

    log.fixture.nowMs.addAndGet(2_000);
    log.fixture.log.retention().rollIfOld();
    log.fixture.log.advanceHighWatermark(log.fixture.log.logEndOffset());
    assertThat(log.fixture.log.compaction().plan().overdue()).isTrue();
    assertThat(log.clean()).isPresent();
    assertThat(log.records()).extracting(Stored::value).containsExactly("2");
  }

  private List<String> names(String suffix) throws IOException {
    return log.fixture.storage.list(LogFixture.DIRECTORY).stream()
        .filter(name -> name.endsWith(suffix))
        .map(name -> name.substring(0, 20))
        .sorted()
        .toList();
  }

  @Test
  void producerSnapshotsGoWithTheirSegments() throws IOException {
    for (int i = 0; i < 60; i++) {
      log.append(Codec.NONE, 5, i, "a=" + i);
    }
    log.roll();
    List<String> bases = names(".log");
    assertThat(names(".snapshot")).containsAll(bases.subList(1, bases.size()));
    assertThat(log.clean()).isPresent();
    log.append("a=60");
    log.roll();
    assertThat(log.clean()).isPresent(); // What became small is one segment now.

    List<String> left = names(".log");
    assertThat(left).doesNotContainAnyElementsOf(bases.subList(1, 3));
    assertThat(left).containsAll(names(".snapshot")).containsAll(names(".snapshot-recent"));

    // What earlier versions left there goes when the log is opened; the last of them may help.
    String producers = log.fixture.log.producers().all().toString();
    for (String name : List.of("00000000000000000003", "00000000000000000004")) {
      for (String suffix : List.of(".snapshot", ".snapshot-recent")) {
        log.fixture.storage.replace(
            LogFixture.DIRECTORY.resolve(name + suffix),
            log.fixture.storage.content(
                LogFixture.DIRECTORY.resolve(left.get(left.size() - 1) + suffix)));
      }
    }
    log.fixture.reopenAfterKill();
    assertThat(names(".snapshot")).doesNotContain("00000000000000000003");
    assertThat(names(".snapshot-recent")).doesNotContain("00000000000000000003");
    assertThat(log.fixture.log.producers().all()).hasToString(producers);
  }
}
