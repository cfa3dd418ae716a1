package io.highwater.client.cli;

import io.highwater.client.PartitionDescription;
import io.highwater.client.TopicDescription;
import io.highwater.client.VerifiedRange;
import io.highwater.client.admin.Admin;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code highwater cluster verify}. */
@Command(
    name = "verify",
    description =
        "Compare what the replicas of partitions hold, range by range, up to the high watermark. Where"
            + " they differ, those that the majority differs from are fetched again. Exit code 1: some"
            + " differ, or could not all be compared.")
final class ClusterVerifyVerb implements Callable<Integer> {
  private static final int SHOWN_DIGITS = 16;

  /** Where replicas differ, and who holds what. */
  private record Difference(
      long fromOffset, long endOffset, Map<Integer, String> sha256, List<Integer> fetchedAgain) {}

  /** What was found of one partition; of silent brokers the reason. */
  private record Verified(
      String topic,
      int partition,
      State state,
      long fromOffset,
      long endOffset,
      long bytes,
      Set<Integer> compared,
      Map<Integer, String> silent,
      List<Difference> differences,
      String error) {}

  private enum State {
    equal,
    different,
    incomplete,
    compacted,
    failed
  }

  private final CliStreams streams;

  @Option(
      names = "--topic",
      paramLabel = "NAME",
      description = "A topic; may be repeated. All of them if none is named.")
  private List<String> topics = List.of();

  @Option(
      names = "--repair",
      description =
          "Where no majority tells who is wrong, the leader's content counts: others are fetched again,"
              + " and what they held is kept aside.")
  private boolean repair;

  @Mixin private BootstrapOption bootstrap;
  @Mixin private OutputOption output;

  ClusterVerifyVerb(CliStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    boolean good = true;
    Progress progress = new Progress(streams);
    try (Admin admin = bootstrap.admin()) {
      for (TopicDescription topic : described(admin)) {
        for (PartitionDescription partition : topic.partitions()) {
          TopicPartition name = new TopicPartition(topic.name(), partition.partition());
          Verified verified =
              partition.hasLeader()
                  ? verify(admin, name, progress)
                  : leaderless(name, partition.leaderlessReason());
          progress.closeLine();
          good &= verified.state == State.equal || verified.state == State.compacted;
          output.print(streams, verified, () -> text(verified));
        }
      }
    }
    return good ? CliError.DONE : CliError.FAILED;
  }

  private List<TopicDescription> described(Admin admin) {
    return topics.isEmpty()
        ? admin.describeTopics(List.of()).topics()
        : topics.stream().map(admin::describeTopic).toList();
  }

  private static Verified leaderless(TopicPartition partition, String reason) {
    return new Verified(
        partition.topic(),
        partition.partition(),
        State.failed,
        0,
        0,
        0,
        Set.of(),
        Map.of(),
        List.of(),
        reason.isEmpty() ? "it has no leader at the moment" : reason);
  }

  private Verified verify(Admin admin, TopicPartition partition, Progress progress) {
    List<Difference> differences = new ArrayList<>();
    TreeMap<Integer, String> silent = new TreeMap<>();
    TreeSet<Integer> compared = new TreeSet<>();
    long start = 0;
    long next = -1;
    long bytes = 0;
    boolean comparable = true;
    String error = "";
    try {
      VerifiedRange range;
      do {
        range = admin.verifyReplicas(partition, next, repair);
        start = next < 0 ? range.fromOffset() : start;
        next = range.endOffset();
        bytes += range.bytes();
        comparable = range.comparable();
        silent.putAll(range.silent());
        compared.addAll(range.contents().keySet());
        if (range.differs()) {
          differences.add(
              new Difference(
                  range.fromOffset(), next, new TreeMap<>(range.contents()), range.yielding()));
        }
        double share = (next - start) / (double) Math.max(1, range.highWatermark() - start);
        progress.at(Math.min(1, share), "bytes of " + partition, bytes);
      } while (!range.isLast());
    } catch (HighwaterException e) {
      error = CliError.line(e);
    }
    compared.removeAll(silent.keySet());
    return new Verified(
        partition.topic(),
        partition.partition(),
        state(error, comparable, differences, silent),
        start,
        Math.max(start, next),
        bytes,
        compared,
        silent,
        differences,
        error);
  }

  private static State state(
      String error, boolean comparable, List<Difference> differences, Map<Integer, String> silent) {
    if (!differences.isEmpty()) {
      return State.different;
    }
    if (!error.isEmpty()) {
      return State.failed;
    }
    if (!comparable) {
      return State.compacted;
    }
    return silent.isEmpty() ? State.equal : State.incomplete;
  }

  private static String text(Verified v) {
    StringBuilder text = new StringBuilder();
    text.append(v.topic).append('-').append(v.partition).append(": ");
    if (v.state == State.failed) {
      return text.append("not compared: ").append(v.error).append('\n').toString();
    }
    if (v.state == State.compacted) {
      return text.append("not compared: compacted, each replica cleans in its own time\n")
          .toString();
    }
    if (v.bytes == 0 && v.silent.isEmpty()) {
      return text.append(v.state).append(", nothing to compare\n").toString();
    }
    text.append(v.state).append(", offsets ").append(v.fromOffset);
    text.append(" to ").append(v.endOffset).append(" (exclusive), ");
    text.append(v.bytes).append(" bytes on brokers ").append(v.compared).append('\n');
    v.silent.forEach(
        (broker, reason) ->
            text.append("  not all compared on broker ")
                .append(broker)
                .append(": ")
                .append(reason)
                .append('\n'));
    v.differences.forEach(difference -> append(text, difference));
    if (!v.error.isEmpty()) {
      text.append("  ended early: ").append(v.error).append('\n');
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Difference difference) {
    text.append("  offsets ").append(difference.fromOffset);
    text.append(" to ").append(difference.endOffset).append(" (exclusive):\n");
    difference.sha256.forEach(
        (broker, hash) ->
            text.append("    broker ")
                .append(broker)
                .append(" holds ")
                .append(hash, 0, Math.min(SHOWN_DIGITS, hash.length()))
                .append('\n'));
    text.append(
        difference.fetchedAgain.isEmpty()
            ? "    nobody is taken offline: no majority that could lead tells who is wrong;"
                + " --repair takes the leader's word\n"
            : "    taken offline and fetched again: brokers " + difference.fetchedAgain + "\n");
  }
}
