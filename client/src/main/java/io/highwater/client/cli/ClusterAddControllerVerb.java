package io.highwater.client.cli;

import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater cluster add-controller}. */
@Command(
    name = "add-controller",
    description = "Add a broker that stands by to the controllers; see first with --dry-run.")
final class ClusterAddControllerVerb implements Callable<Integer> {
  private final CliStreams streams;

  @Parameters(paramLabel = "NODE", description = "The broker's number.")
  private int nodeId;

  @Option(names = "--dry-run", description = "Say whether it can be done, and change nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterAddControllerVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      Controllers controllers = Controllers.of(nodeId, dryRun, admin.addController(nodeId, dryRun));
      output.print(streams, controllers, () -> controllers.text(dryRun ? "would add" : "added"));
    }
    return CliError.DONE;
  }
}
