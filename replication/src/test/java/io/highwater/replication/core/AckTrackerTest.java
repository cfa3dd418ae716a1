package io.highwater.replication.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckTrackerTest {
  private final AckTracker<Long> acks = new AckTracker<>(Long::longValue);

  @Test
  void releasesWhatTheHighWatermarkHasPassed() {
    acks.await(3L);
    acks.await(5L);
    assertThat(acks.pollCommitted(2)).isNull();
    assertThat(acks.pollCommitted(4)).isEqualTo(3L);
    assertThat(acks.pollCommitted(4)).isNull();
    assertThat(acks.size()).isOne();
  }

  @Test
  void aRepeatDoesNotOvertake() {
    acks.await(5L);
    acks.await(3L);
    assertThat(acks.pollCommitted(4)).isNull();
    assertThat(acks.pollCommitted(5)).isEqualTo(5L);
    assertThat(acks.pollCommitted(5)).isEqualTo(3L);
  }

  @Test
  void givesUpEverythingInOrder() {
    acks.await(5L);
    acks.await(9L);
    assertThat(acks.poll()).isEqualTo(5L);
    assertThat(acks.poll()).isEqualTo(9L);
    assertThat(acks.poll()).isNull();
  }
}
