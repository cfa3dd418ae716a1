package io.highwater.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FatalErrorsTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Integer> exits = new ArrayList<>();
  private final FatalErrors errors = new FatalErrors(new PrintStream(err, true, UTF_8), exits::add);

  @Test
  void theLackOfMemoryIsOneLineAndAnExitCode() {
    errors.uncaughtException(Thread.currentThread(), new OutOfMemoryError("direct buffer memory"));

    assertThat(err.toString(UTF_8))
        .matches("highwater: UNKNOWN_SERVER_ERROR: the broker ends: .*direct buffer memory\\R");
    assertThat(exits).containsExactly(FatalErrors.EXIT_CODE);
  }

  @Test
  void anExceptionEndsNoMoreThanItsThread() {
    errors.uncaughtException(Thread.currentThread(), new IllegalStateException("a defect"));

    assertThat(exits).isEmpty();
  }
}
