package io.highwater.client.cli;

import io.highwater.proto.FaultText;
import io.highwater.proto.HighwaterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** How verbs fail: one line {@code highwater: NAME: text} and an exit code. */
public final class CliError {
  /** It was done. */
  public static final int DONE = 0;

  /** It was tried and failed. */
  public static final int FAILED = 1;

  /** It was not understood, so nothing was tried. */
  public static final int USAGE = 2;

  private CliError() {}

  /** The line for an error, without a line end. */
  public static String line(Throwable error) {
    return line(name(error), text(error));
  }

  /** The line for an error that has no exception. */
  public static String line(String name, String text) {
    return "highwater: " + name + ": " + text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** Whether a write failed only because nobody reads any more: no error, but the end. */
  public static boolean isBrokenPipe(Throwable error) {
    return error instanceof IOException
        && error.getMessage() != null
        && error.getMessage().contains("Broken pipe");
  }

  private static String name(Throwable error) {
    if (error instanceof HighwaterException known) {
      return known.code().name();
    }
    if (error instanceof CliFailure failure) {
      return failure.name();
    }
    if (error instanceof OutOfMemoryError) {
      return "OUT_OF_MEMORY";
    }
    if (error instanceof NoSuchFileException) {
      return "NO_SUCH_FILE";
    }
    if (error instanceof AccessDeniedException) {
      return "ACCESS_DENIED";
    }
    if (error instanceof IOException || error instanceof UncheckedIOException) {
      return "IO_ERROR";
    }
    return error instanceof IllegalArgumentException ? "INVALID_ARGUMENT" : "INTERNAL_ERROR";
  }

  private static String text(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return error.getMessage() + "; HIGHWATER_JAVA_OPTS=-Xmx1g gives it more";
    }
    boolean telling = error instanceof CliFailure || error instanceof IllegalArgumentException;
    return telling && error.getMessage() != null ? error.getMessage() : FaultText.of(error);
  }
}
