package io.highwater.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.highwater.client.cli.CliStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** Runs verbs in this process and keeps what they print. */
public final class Shell {
  /**
   * What a verb left.
   *
   * @param out standard output, byte by byte
   * @param err standard error
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared or hashed.
  public record Result(int exitCode, byte[] out, String err) {
    public String text() {
      return new String(out, UTF_8);
    }
  }

  private Shell() {}

  /** Streams that lead nowhere. */
  static CliStreams streams() {
    return new CliStreams(
        InputStream.nullInputStream(),
        OutputStream.nullOutputStream(),
        new PrintStream(OutputStream.nullOutputStream(), true, UTF_8),
        false);
  }

  public static Result run(String... args) {
    return runWithInput(new byte[0], args);
  }

  static Result runWithInput(byte[] input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliStreams streams =
        new CliStreams(
            new ByteArrayInputStream(input), out, new PrintStream(err, true, UTF_8), false);
    int exitCode = HighwaterCommand.run(streams, args);
    return new Result(exitCode, out.toByteArray(), err.toString(UTF_8));
  }
}
