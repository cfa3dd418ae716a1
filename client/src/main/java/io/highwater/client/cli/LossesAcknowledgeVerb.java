package io.highwater.client.cli;

import io.highwater.client.PartitionOutcome;
import io.highwater.client.admin.Admin;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code highwater cluster losses acknowledge}. */
@Command(
    name = "acknowledge",
    description =
        "Write down that you know of losses: they are open no more, stay on record, and readers are"
            + " told as before; see first with --dry-run.")
final class LossesAcknowledgeVerb implements Callable<Integer> {
  private record Acknowledged(
      String topic, int partition, boolean dryRun, String error, String message) {}

  private final CliStreams streams;

  @Option(names = "--topic", paramLabel = "NAME", description = "Those of this topic.")
  private String topic;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "Only of this one of the topic; may be repeated.")
  private final List<Integer> partitions = new ArrayList<>();

  @Option(names = "--all", description = "Those of all topics that are open.")
  private boolean all;

  @Option(names = "--dry-run", description = "Say what would be written down, and do not.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  LossesAcknowledgeVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (all == (topic != null) || (all && !partitions.isEmpty())) {
      throw new ParameterException(spec.commandLine(), "either --topic or --all");
    }
    List<Acknowledged> done;
    try (Admin admin = bootstrap.admin()) {
      List<TopicPartition> chosen = all ? List.of() : chosen(admin);
      done =
          !all && chosen.isEmpty()
              ? List.of()
              : admin.acknowledgeLosses(chosen, dryRun).stream().map(this::acknowledged).toList();
    }
    output.print(streams, done, () -> text(done));
    return done.stream().allMatch(LossesAcknowledgeVerb::isFine) ? CliError.DONE : CliError.FAILED;
  }

  private List<TopicPartition> chosen(Admin admin) {
    List<Integer> numbers =
        partitions.isEmpty()
            ? admin.describeTopic(topic).losses().stream()
                .filter(loss -> loss.isOpen())
                .map(loss -> loss.partition())
                .distinct()
                .toList()
            : partitions;
    return numbers.stream().map(number -> new TopicPartition(topic, number)).toList();
  }

  private Acknowledged acknowledged(PartitionOutcome outcome) {
    return new Acknowledged(
        outcome.partition().topic(),
        outcome.partition().partition(),
        dryRun,
        outcome.error().name(),
        outcome.message());
  }

  private static boolean isFine(Acknowledged a) {
    return a.error.equals(ErrorCode.NONE.name());
  }

  private static String text(List<Acknowledged> done) {
    if (done.isEmpty()) {
      return "no loss is open\n";
    }
    StringBuilder text = new StringBuilder();
    for (Acknowledged a : done) {
      text.append(a.topic).append('-').append(a.partition).append(": ");
      text.append(
          isFine(a)
              ? (a.dryRun ? "would be acknowledged" : "acknowledged")
              : a.error + ": " + a.message);
      text.append('\n');
    }
    return text.toString();
  }
}
