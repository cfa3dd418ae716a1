package io.highwater.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.junit.jupiter.api.Test;

class CliErrorTest {
  @Test
  void whatIsWrongWithAFileIsSaidInWords() {
    assertThat(CliError.line(new NoSuchFileException("/d/x")))
        .isEqualTo("highwater: NO_SUCH_FILE: /d/x: no such file or directory");
    assertThat(CliError.line(new AccessDeniedException("/d")))
        .isEqualTo("highwater: ACCESS_DENIED: /d: permission denied");
    assertThat(CliError.line(new NotDirectoryException("/d/x")))
        .isEqualTo("highwater: IO_ERROR: /d/x: is no directory");
    assertThat(CliError.line(new UncheckedIOException(new IOException("reset by peer"))))
        .isEqualTo("highwater: IO_ERROR: reset by peer");
  }

  @Test
  void errorsThatSpeakToPeopleAreLeftAsTheyAre() {
    assertThat(CliError.line(new HighwaterException(ErrorCode.INVALID_REQUEST, "not so")))
        .isEqualTo("highwater: INVALID_REQUEST: not so");
    assertThat(CliError.line(new CliFailure("NO_RECORDS", "none came")))
        .isEqualTo("highwater: NO_RECORDS: none came");
    assertThat(CliError.line(new IllegalArgumentException("three lines\n  are\n one")))
        .isEqualTo("highwater: INVALID_ARGUMENT: three lines are one");
  }

  @Test
  void whatIsUnforeseenIsNamed() {
    assertThat(CliError.line(new IllegalStateException("x")))
        .isEqualTo("highwater: INTERNAL_ERROR: java.lang.IllegalStateException: x");
    assertThat(CliError.line(new IllegalArgumentException()))
        .isEqualTo("highwater: INVALID_ARGUMENT: java.lang.IllegalArgumentException");
  }
}
