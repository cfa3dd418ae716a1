package io.highwater.server.cli;

import io.highwater.client.cli.CliStreams;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Runs what the verbs run, once after a build, so that the launcher can archive the classes that
 * were loaded. What it prints goes nowhere.
 */
final class Rehearsal {
  private Rehearsal() {}

  /** Exits 0 when the archive is worth keeping. */
  public static void main(String[] args) {
    CliStreams nowhere =
        new CliStreams(
            new ByteArrayInputStream(new byte[0]),
            OutputStream.nullOutputStream(),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            true);
    HighwaterCommand.run(nowhere, "--help");
    HighwaterCommand.run(nowhere, "version", "--output", "json");
  }
}
