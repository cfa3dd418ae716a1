package io.highwater.client.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What a verb reads and where it writes: the process's own streams, or a test's.
 *
 * @param in records to produce
 * @param out results, for people and machines; verbs buffer and flush as they need
 * @param err progress, summaries and errors
 * @param terminal whether somebody watches {@code err}, so that a line may be written over
 */
public record CliStreams(InputStream in, OutputStream out, PrintStream err, boolean terminal) {
  /** Set by the launcher, which can tell at no cost. */
  private static final String TERMINAL_PROPERTY = "highwater.terminal";

  /** The streams of this process. */
  public static CliStreams ofProcess() {
    return new CliStreams(
        new FileInputStream(FileDescriptor.in),
        // Not System.out, which swallows the broken pipe that must end a consumer.
        new FileOutputStream(FileDescriptor.out),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8),
        Boolean.getBoolean(TERMINAL_PROPERTY));
  }

  /** Writes text to {@code out} at once. */
  public void print(String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }
}
