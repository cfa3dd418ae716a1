package io.highwater.client.cli;

import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater cluster rebalance}. */
@Command(
    name = "rebalance",
    description = "Even out how many replicas and leaders brokers have, with few moves.")
final class ClusterRebalanceVerb implements Callable<Integer> {
  private record Rebalanced(boolean dryRun, List<Moves.Move> moves) {}

  private final CliStreams streams;

  @Option(names = "--dry-run", description = "Say what would move, and move nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterRebalanceVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      Rebalanced done = new Rebalanced(dryRun, Moves.of(admin.rebalance(dryRun)));
      output.print(streams, done, () -> text(done));
    }
    return CliError.DONE;
  }

  private static String text(Rebalanced done) {
    return done.moves.isEmpty()
        ? "replicas and leaders are even\n"
        : (done.dryRun ? "would move\n" : "moving\n") + Moves.table(done.moves);
  }
}
