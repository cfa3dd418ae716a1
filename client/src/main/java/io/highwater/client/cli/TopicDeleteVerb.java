package io.highwater.client.cli;

import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code highwater topic delete}. */
@Command(name = "delete", description = "Unmake a topic, with all its records.")
final class TopicDeleteVerb implements Callable<Integer> {
  private record Deleted(String name, UUID topicId) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  TopicDeleteVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      Deleted deleted = new Deleted(name, admin.deleteTopic(name));
      output.print(streams, deleted, () -> "deleted topic " + name + "\n");
    }
    return CliError.DONE;
  }
}
