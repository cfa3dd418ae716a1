package io.highwater.client.cli;

import io.highwater.client.PartitionDescription;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.client.admin.Admin;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code highwater topic reassign}. */
@Command(
    name = "reassign",
    description =
        "Move a topic's partitions to other brokers; see first with --dry-run, then with --status.")
final class TopicReassignVerb implements Callable<Integer> {
  /** Key of the limit, see {@code --throttle}. */
  private static final String THROTTLED_RATE = "leader.replication.throttled.rate";

  private static final String MOVING = "moving";
  private static final String PAUSED = "paused: produce latency";

  private record Outcome(
      int partition, List<Integer> from, List<Integer> to, String error, String message) {}

  private record Reassigned(String topic, boolean dryRun, List<Outcome> partitions) {}

  private record Added(
      int broker, long logEndOffset, long missingRecords, long missingBytes, String state) {}

  private record Moving(
      int partition, List<Integer> replicas, List<Integer> removing, List<Added> adding) {}

  private record Status(String topic, List<Moving> partitions) {}

  private final CliStreams streams;

  @Parameters(paramLabel = "NAME", description = "The topic.")
  private String name;

  @Option(
      names = "--partition",
      paramLabel = "N",
      description = "Only this one; may be repeated. By default all.")
  private final List<Integer> partitions = new ArrayList<>();

  @Option(
      names = "--replicas",
      paramLabel = "ID",
      split = ",",
      description =
          "Brokers to be on, the preferred leader first, e.g. 1,2,3; for several partitions they"
              + " take turns as first.")
  private final List<Integer> replicas = new ArrayList<>();

  @Option(
      names = "--from-broker",
      paramLabel = "ID",
      description = "With --to-broker: where this broker is a replica, the other takes its place.")
  private Integer fromBroker;

  @Option(names = "--to-broker", paramLabel = "ID", description = "See --from-broker.")
  private Integer toBroker;

  @Option(
      names = "--throttle",
      paramLabel = "BYTES",
      description =
          "Bytes per second that a leader sends to replicas being added: the topic's "
              + THROTTLED_RATE
              + ".")
  private Long throttle;

  @Option(names = "--cancel", description = "Call off what is under way.")
  private boolean cancel;

  @Option(names = "--status", description = "Say what is under way and how far it is.")
  private boolean status;

  @Option(names = "--dry-run", description = "Say what would move, and move nothing.")
  private boolean dryRun;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;
  @Spec private CommandSpec spec;

  TopicReassignVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    requireOneGoal();
    try (Admin admin = bootstrap.admin()) {
      TopicDescription topic = admin.describeTopic(name);
      if (status) {
        Status now = statusOf(admin, topic);
        output.print(streams, now, () -> text(now));
        return CliError.DONE;
      }
      List<ReplicaMove> moves = movesOf(topic);
      // Set before anything moves, for nothing is to go out unlimited; but not for a refused move.
      if (throttle != null && !dryRun && anyAccepted(admin.reassign(moves, cancel, true))) {
        admin.alterTopic(
            new TopicAlteration(name, Map.of(THROTTLED_RATE, throttle.toString()), List.of()));
      }
      Reassigned done = outcomes(moves, admin.reassign(moves, cancel, dryRun));
      output.print(streams, done, () -> text(done));
      boolean fine = done.partitions.stream().allMatch(p -> p.error.equals(ErrorCode.NONE.name()));
      return fine ? CliError.DONE : CliError.FAILED;
    }
  }

  private static boolean anyAccepted(List<PartitionOutcome> outcomes) {
    return outcomes.stream().anyMatch(outcome -> outcome.error() == ErrorCode.NONE);
  }

  private void requireOneGoal() {
    boolean replacing = fromBroker != null || toBroker != null;
    int goals =
        (replicas.isEmpty() ? 0 : 1) + (replacing ? 1 : 0) + (cancel ? 1 : 0) + (status ? 1 : 0);
    if (goals != 1 || (replacing && (fromBroker == null || toBroker == null))) {
      throw new ParameterException(
          spec.commandLine(),
          "one of --replicas, --from-broker with --to-broker, --cancel and --status");
    }
  }

  private List<PartitionDescription> chosen(TopicDescription topic) {
    for (int number : partitions) {
      if (number < 0 || number >= topic.partitions().size()) {
        throw new ParameterException(
            spec.commandLine(), "topic " + name + " has no partition " + number);
      }
    }
    return topic.partitions().stream()
        .filter(p -> partitions.isEmpty() || partitions.contains(p.partition()))
        .toList();
  }

  private List<ReplicaMove> movesOf(TopicDescription topic) {
    List<PartitionDescription> all = chosen(topic);
    List<ReplicaMove> moves = new ArrayList<>();
    for (PartitionDescription p : all) {
      List<Integer> from = p.targetReplicas();
      Optional<List<Integer>> to = target(p, from, all.size() > 1);
      to.ifPresent(
          ids -> moves.add(new ReplicaMove(new TopicPartition(name, p.partition()), from, ids)));
    }
    return moves;
  }

  /** Where the partition goes; empty when it has no part in it. */
  private Optional<List<Integer>> target(
      PartitionDescription p, List<Integer> from, boolean takeTurns) {
    if (cancel) {
      List<Integer> before = new ArrayList<>(p.replicas());
      before.removeAll(p.addingReplicas());
      return p.isMoving() ? Optional.of(before) : Optional.empty();
    }
    if (fromBroker != null) {
      return from.contains(fromBroker)
          ? Optional.of(from.stream().map(id -> id.equals(fromBroker) ? toBroker : id).toList())
          : Optional.empty();
    }
    List<Integer> to = new ArrayList<>(replicas);
    if (takeTurns) {
      Collections.rotate(to, -(p.partition() % to.size()));
    }
    return Optional.of(to);
  }

  private Reassigned outcomes(List<ReplicaMove> moves, List<PartitionOutcome> outcomes) {
    List<Outcome> told = new ArrayList<>();
    for (int i = 0; i < moves.size(); i++) {
      PartitionOutcome outcome = outcomes.get(i);
      told.add(
          new Outcome(
              moves.get(i).partition().partition(),
              moves.get(i).from(),
              moves.get(i).to(),
              outcome.error().name(),
              outcome.message()));
    }
    return new Reassigned(name, dryRun, told);
  }

  private Status statusOf(Admin admin, TopicDescription topic) {
    List<Moving> moving = new ArrayList<>();
    for (PartitionDescription p : chosen(topic)) {
      if (p.isMoving()) {
        List<ReplicaLag> lags =
            p.hasLeader()
                ? admin.describeReplicas(new TopicPartition(name, p.partition()))
                : List.of();
        List<Added> adding =
            lags.stream()
                .filter(lag -> p.addingReplicas().contains(lag.nodeId()))
                .map(
                    lag ->
                        new Added(
                            lag.nodeId(),
                            lag.logEndOffset(),
                            lag.missingRecords(),
                            lag.missingBytes(),
                            lag.paused() ? PAUSED : MOVING))
                .toList();
        moving.add(new Moving(p.partition(), p.targetReplicas(), p.removingReplicas(), adding));
      }
    }
    return new Status(name, moving);
  }

  private static String text(Status status) {
    if (status.partitions.isEmpty()) {
      return "nothing is moving in topic " + status.topic + "\n";
    }
    Table table =
        new Table("PARTITION", "TO", "LEAVING", "ADDING", "RECORDS LEFT", "BYTES LEFT", "STATE");
    for (Moving p : status.partitions) {
      String to = TopicDescribeVerb.join(p.replicas);
      String leaving = TopicDescribeVerb.join(p.removing);
      if (p.adding.isEmpty()) {
        table.row(p.partition, to, leaving, "-", "-", "-", "-");
      }
      for (Added a : p.adding) {
        table.row(p.partition, to, leaving, a.broker, a.missingRecords, a.missingBytes, a.state);
      }
    }
    return table.toString();
  }

  private static String text(Reassigned done) {
    if (done.partitions.isEmpty()) {
      return "nothing to move in topic " + done.topic + "\n";
    }
    Table table = new Table("PARTITION", "FROM", "TO", "RESULT");
    for (Outcome p : done.partitions) {
      boolean fine = p.error.equals(ErrorCode.NONE.name());
      table.row(
          p.partition,
          TopicDescribeVerb.join(p.from),
          TopicDescribeVerb.join(p.to),
          fine ? (done.dryRun ? "would move" : "begun") : p.error + ": " + p.message);
    }
    return table.toString();
  }
}
