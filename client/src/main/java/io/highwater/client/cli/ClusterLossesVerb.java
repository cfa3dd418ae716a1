package io.highwater.client.cli;

import io.highwater.client.RecordLoss;
import io.highwater.client.admin.Admin;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater cluster losses}. */
@Command(
    name = "losses",
    description =
        "Say which committed records may be lost, as it is on record; with the verb acknowledge,"
            + " write down that you know.")
final class ClusterLossesVerb implements Callable<Integer> {
  /** A loss on record. */
  record Loss(String topic, int partition, String state, RecordLoss loss) {}

  private final CliStreams streams;

  @Option(names = "--topic", paramLabel = "NAME", description = "Only those of this topic.")
  private String topic;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterLossesVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    try (Admin admin = bootstrap.admin()) {
      List<Loss> losses = losses(admin);
      output.print(streams, losses, () -> text(losses));
    }
    return CliError.DONE;
  }

  private List<Loss> losses(Admin admin) {
    return admin.describeTopics(topic == null ? List.of() : List.of(topic)).topics().stream()
        .flatMap(
            found ->
                found.losses().stream()
                    .map(loss -> new Loss(found.name(), loss.partition(), state(loss), loss)))
        .toList();
  }

  private static String state(RecordLoss loss) {
    return loss.isOpen() ? "open" : loss.acknowledged() ? "acknowledged" : "nothing missing";
  }

  private static String text(List<Loss> losses) {
    if (losses.isEmpty()) {
      return "no loss is on record\n";
    }
    StringBuilder text = new StringBuilder();
    for (Loss l : losses) {
      text.append(l.topic).append('-').append(l.partition);
      text.append(" (").append(l.state).append("): ").append(l.loss.text()).append('\n');
    }
    return text.toString();
  }
}
