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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater partition elect}. */
@Command(
    name = "elect",
    description =
        "Make preferred leaders lead: each partition's first replica, if it is in sync; with"
            + " --unclean, have partitions led again whatever is lost.")
final class PartitionElectVerb implements Callable<Integer> {
  private record Election(
      String topic, int partition, String error, String message, int leader, int leaderEpoch) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "TOPIC", arity = "0..1", description = "Whose partitions.")
  private String topic;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "Only this one of the topic; may be repeated.")
  private final List<Integer> partitions = new ArrayList<>();

  @Option(names = "--all", description = "All partitions of all topics that need it.")
  private boolean all;

  @Option(
      names = "--unclean",
      description =
          "Have partitions without a leader led by the longest log that is there, though records"
              + " may be lost.")
  private boolean unclean;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  PartitionElectVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (all == (topic != null) || (all && !partitions.isEmpty())) {
      throw new ParameterException(spec.commandLine(), "either a topic or --all");
    }
    List<Election> elections;
    try (Admin admin = bootstrap.admin()) {
      List<TopicPartition> chosen = all ? List.of() : wanted(admin);
      elections =
          (unclean ? admin.electUncleanLeaders(chosen) : admin.electPreferredLeaders(chosen))
              .stream().map(PartitionElectVerb::election).toList();
    }
    output.print(streams, elections, () -> text(elections));
    return elections.stream().allMatch(PartitionElectVerb::isFine)
        ? CliError.DONE
        : CliError.FAILED;
  }

  private List<TopicPartition> wanted(Admin admin) {
    List<Integer> numbers =
        partitions.isEmpty()
            ? admin.describeTopic(topic).partitions().stream().map(p -> p.partition()).toList()
            : partitions;
    return numbers.stream().map(number -> new TopicPartition(topic, number)).toList();
  }

  private static Election election(PartitionOutcome outcome) {
    return new Election(
        outcome.partition().topic(),
        outcome.partition().partition(),
        outcome.error().name(),
        outcome.message(),
        outcome.leaderId(),
        outcome.leaderEpoch());
  }

  private static boolean isFine(Election election) {
    return election.error.equals(ErrorCode.NONE.name())
        || election.error.equals(ErrorCode.ELECTION_NOT_NEEDED.name());
  }

  private static String text(List<Election> elections) {
    if (elections.isEmpty()) {
      return "no partition needs it\n";
    }
    Table table = new Table("PARTITION", "LEADER", "EPOCH", "RESULT");
    for (Election e : elections) {
      table.row(
          e.topic + "-" + e.partition,
          e.leader < 0 ? "none" : e.leader,
          e.leaderEpoch,
          e.error.equals(ErrorCode.NONE.name()) ? "elected" : e.error);
    }
    return table.toString();
  }
}
