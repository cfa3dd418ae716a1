package io.highwater.client.cli;

import io.highwater.client.DrainProgress;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code highwater cluster drain}. */
@Command(
    name = "drain",
    description =
        "Move all leaderships and replicas off a broker, which can be stopped for good once"
            + " cluster describe shows it without any.")
final class ClusterDrainVerb implements Callable<Integer> {
  private record Drained(
      int broker, boolean dryRun, boolean undone, List<Moves.Move> moves, List<String> stuck) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "BROKER", description = "Its node id.")
  private int broker;

  @Option(
      names = "--undo",
      description = "Let it have replicas again; what moved away stays where it is.")
  private boolean undo;

  @Option(names = "--dry-run", description = "Say what would move, and move nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterDrainVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Drained drained;
    try (Admin admin = bootstrap.admin()) {
      DrainProgress progress = undo ? admin.undoDrain(broker) : admin.drainBroker(broker, dryRun);
      drained =
          new Drained(
              broker,
              dryRun,
              undo,
              Moves.of(progress.moves()),
              progress.stuck().stream().map(Object::toString).toList());
    }
    output.print(streams, drained, () -> text(drained));
    return drained.stuck.isEmpty() ? CliError.DONE : CliError.FAILED;
  }

  private static String text(Drained d) {
    if (d.undone) {
      return "broker " + d.broker + " is not drained any more\n";
    }
    StringBuilder text = new StringBuilder("broker " + d.broker);
    text.append(d.dryRun ? " would give away " : " gives away ")
        .append(d.moves.size())
        .append(" replicas\n");
    if (!d.moves.isEmpty()) {
      text.append(Moves.table(d.moves));
    }
    d.stuck.forEach(
        partition -> text.append(partition).append(" stays: all other brokers have it already\n"));
    return text.toString();
  }
}
