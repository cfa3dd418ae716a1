package io.highwater.server.cli;

import io.highwater.client.cli.CliError;
import io.highwater.client.cli.CliStreams;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code highwater storage random-uuid}. */
@Command(name = "random-uuid", description = "Print a new id, good for a cluster.")
final class StorageRandomUuidVerb implements Callable<Integer> {
  private final CliStreams streams;

  StorageRandomUuidVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    streams.print(UUID.randomUUID() + "\n");
    return CliError.DONE;
  }
}
