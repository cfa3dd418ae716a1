package io.highwater.server.cli;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import io.highwater.client.cli.OutputOption;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code highwater version}. */
@Command(name = "version", description = "Print the version of Highwater and of Java.")
final class VersionVerb implements Callable<Integer> {
  private record Versions(String highwater, String java) {
    static Versions running() {
      return new Versions(highwaterVersion(), Runtime.version().toString());
    }

    String text() {
      return "highwater " + highwater + " (Java " + java + ")";
    }
  }

  private final CliStreams streams;

  @Mixin private OutputOption output;

  VersionVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Versions versions = Versions.running();
    output.print(streams, versions, () -> versions.text() + "\n");
    return CliError.DONE;
  }

  /** One line. */
  static String text() {
    return Versions.running().text();
  }

  private static String highwaterVersion() {
    // Only a jar says its version.
    return Optional.ofNullable(VersionVerb.class.getPackage().getImplementationVersion())
        .orElse("development");
  }
}
