package io.highwater.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.log.compact.KeyedLog.Stored;
import io.highwater.proto.record.Codec;
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
}
