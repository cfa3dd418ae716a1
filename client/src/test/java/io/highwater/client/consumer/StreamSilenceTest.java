package io.highwater.client.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamSilenceTest {
  private static final long START = 1_000;
  private final StreamSilence silence = new StreamSilence(10, START);

  @Test
  void othersAreAskedAgainAndAgainWhileNothingComes() {
    assertThat(silence.look(START + 9)).isFalse();
    assertThat(silence.isSilent(START + 9)).isFalse();
    assertThat(silence.look(START + 10)).isTrue();
    assertThat(silence.isSilent(START + 10)).isTrue();
    assertThat(silence.look(START + 19)).isFalse();
    assertThat(silence.look(START + 20)).isTrue();
  }

  @Test
  void othersAreAskedMoreRarelyAboutAQuietPartition() {
    for (int question = 1; question <= 8; question++) {
      assertThat(silence.look(START + 10L * question)).isTrue();
    }
    assertThat(silence.look(START + 159)).isFalse();
    assertThat(silence.look(START + 160)).isTrue();
    assertThat(silence.look(START + 239)).isFalse();
    silence.heard();
    assertThat(silence.look(START + 240)).isFalse();
    assertThat(silence.look(START + 250)).isTrue();
  }

  @Test
  void whateverComesEndsTheSilence() {
    assertThat(silence.look(START + 10)).isTrue();
    silence.heard();
    assertThat(silence.isSilent(START + 19)).isFalse();
    assertThat(silence.look(START + 19)).isFalse();
    assertThat(silence.isSilent(START + 28)).isFalse();
    assertThat(silence.look(START + 28)).isFalse();
    assertThat(silence.look(START + 29)).isTrue();
  }
}
