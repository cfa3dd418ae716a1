package io.highwater.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.client.cli.StartPosition.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StartPositionTest {
  @Test
  void readsTheNamedPlaces() {
    assertThat(StartPosition.parse("earliest").kind()).isEqualTo(Kind.EARLIEST);
    assertThat(StartPosition.parse("latest").kind()).isEqualTo(Kind.LATEST);
  }

  @Test
  void digitsAloneAreAnOffset() {
    assertThat(StartPosition.parse("1767225600000"))
        .isEqualTo(new StartPosition(Kind.OFFSET, 1_767_225_600_000L));
  }

  @ParameterizedTest
  @CsvSource({
    "@1767225600000",
    "2026-01-01",
    "2026-01-01T00:00",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "2025-12-31T16:00:00.000-08:00"
  })
  void timesAreMillisecondsOrIso8601AndUtcUnlessTheySayOtherwise(String text) {
    assertThat(StartPosition.parse(text))
        .isEqualTo(new StartPosition(Kind.TIMESTAMP, 1_767_225_600_000L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "@", "@x", "yesterday", "2026-13-01", "99999999999999999999"})
  void namesWhatItCannotRead(String text) {
    assertThatThrownBy(() -> StartPosition.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is not ");
  }
}
