package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;

/**
 * Random histories of brokers that die, stop, restart and lose data while partitions move between
 * them, against a model that knows what was committed: no history loses it as long as at most
 * minISR - 1 replicas lose data (REP-1, ISR-4, ISR-5), and the sets and epochs keep their rules
 * after every command.
 */
class ElectionModelTest {

  @Property(tries = 3_000)
  void noHistoryLosesWhatWasCommitted(@ForAll("choices") List<Integer> choices) {
    History history = new History();
    choices.forEach(history::step);
  }

  @Property(tries = 100)
  void replayAndSnapshotGiveEqualImages(@ForAll("choices") List<Integer> choices)
      throws IOException {
    History history = new History();
    choices.forEach(history::step);
    List<MetadataCommand> commands = history.cluster.commands;

    ClusterState replayed = new ClusterState(ClusterImage.EMPTY);
    ClusterState fromSnapshot = new ClusterState(ClusterImage.EMPTY);
    for (int i = 0; i < commands.size(); i++) {
      byte[] bytes = CommandCodec.encode(commands.get(i));
      CommandResult result = replayed.apply(i + 1, CommandCodec.decode(bytes));
      assertThat(ResultCodec.decode(ResultCodec.encode(result))).isEqualTo(result);
      fromSnapshot.apply(i + 1, commands.get(i));
      if (i % 10 == 0) {
        ByteArrayOutputStream snapshot = new ByteArrayOutputStream();
        ImageCodec.write(fromSnapshot.image(), snapshot);
        ClusterImage read = ImageCodec.read(new ByteArrayInputStream(snapshot.toByteArray()));
        assertThat(read).isEqualTo(fromSnapshot.image());
        fromSnapshot = new ClusterState(read);
      }
    }

    assertThat(replayed.image()).isEqualTo(history.cluster.state.image());
    assertThat(fromSnapshot.image()).isEqualTo(history.cluster.state.image());
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Arbitraries.integers()
        .between(0, 1_000_000)
        .withDistribution(RandomDistribution.uniform())
        .list()
        .ofMaxSize(300);
  }

  /** A log is the list of the epochs of its records. */
  private static final class History {
    private static final int BROKERS = 4;
    private static final int ACTIONS = 22;
    private static final int RESTART_CLEANLY = 4;

    /** The only one that loses data in an unclean restart. */
    private static final int LOSSY = 2;

    private static final List<List<Integer>> REPLICAS =
        List.of(List.of(0, 1, 2), List.of(2, 0), List.of(3, 2, 1), List.of(3));

    final ClusterFixture cluster = ClusterFixture.withBrokers(0, 1, 2, 3);
    private final boolean[] alive = {true, true, true, true};
    private final List<Map<Integer, List<Integer>>> logs = new ArrayList<>();
    private final List<List<Integer>> committed = new ArrayList<>();

    /** Broker and partition. */
    private final Set<List<Integer>> absent = new HashSet<>();

    private final Map<String, Integer> leaderOfEpoch = new HashMap<>();
    private AlterIsr oldProposal;

    History() {
      for (int partition = 0; partition < REPLICAS.size(); partition++) {
        cluster.accept(
            new CreateTopic(
                "t" + partition,
                id(partition),
                List.of(REPLICAS.get(partition)),
                Map.of("min.insync.replicas", "2")));
        Map<Integer, List<Integer>> logsOfPartition = new HashMap<>();
        REPLICAS.get(partition).forEach(r -> logsOfPartition.put(r, new ArrayList<>()));
        logs.add(logsOfPartition);
        committed.add(new ArrayList<>());
      }
    }

    private static UUID id(int partition) {
      return new UUID(4, partition);
    }

    private PartitionImage partition(int partition) {
      return cluster.state.image().topic(id(partition)).partition(0);
    }

    void step(int choice) {
      int action = choice % ACTIONS;
      int broker = choice / ACTIONS % BROKERS;
      int partition = choice / (ACTIONS * BROKERS) % REPLICAS.size();
      int amount = choice / 1_344 % 8;
      if (action == 20) {
        // Its directory is not there after a clean restart, until another start.
        step(RESTART_CLEANLY + ACTIONS * broker);
      }
      List<PartitionImage> before = partitions();
      switch (action) {
        case 0 -> alive[broker] = false;
        case 1 -> cluster.apply(new FenceBroker(broker, cluster.epoch(broker)));
        case 2, 3 -> restartUncleanly(broker, amount);
        case RESTART_CLEANLY -> restartCleanly(broker);
        case 5 -> cluster.apply(new StopBroker(broker, cluster.epoch(broker)));
        case 6, 7, 8 -> append(partition);
        case 9, 10, 11 -> replicate(partition, broker);
        case 12, 13 -> propose(partition, choice / 1_344 % 64);
        case 14 -> report(broker);
        case 15 -> reassign(partition, broker, amount);
        case 16 -> cluster.apply(new ElectLeaders(List.of(new TopicIdPartition(id(partition), 0))));
        case 17 -> cluster.apply(new DrainBroker(broker, amount % 2 == 0));
        case 18 -> clearUp(broker);
        case 19 -> goOffline(broker, partition);
        case 20 -> findAbsent(broker, partition);
        default ->
            cluster.apply(
                amount == 0 && oldProposal != null
                    ? oldProposal
                    : new ElectLongest(id(partition), 0, partition(partition).leaderEpoch()));
      }
      check(before);
    }

    private void check(List<PartitionImage> before) {
      for (int p = 0; p < REPLICAS.size(); p++) {
        commit(p);
        check(p, before.get(p), partition(p));
      }
    }

    private List<PartitionImage> partitions() {
      List<PartitionImage> all = new ArrayList<>();
      for (int p = 0; p < REPLICAS.size(); p++) {
        all.add(partition(p));
      }
      return all;
    }

    private void restartUncleanly(int broker, int lost) {
      if (broker == LOSSY) {
        for (int p = 0; p < REPLICAS.size(); p++) {
          List<Integer> log = logs.get(p).get(broker);
          if (log != null && mayLose(p)) {
            log.subList(Math.max(0, log.size() - lost), log.size()).clear();
          }
        }
      }
      alive[broker] = true;
      absent.removeIf(each -> each.get(0) == broker);
      cluster.start(broker);
    }

    /**
     * While a reassignment is only adding to a single replica, one copy is all that is promised.
     */
    private boolean mayLose(int partition) {
      return minIsr(partition(partition)) > 1;
    }

    private void restartCleanly(int broker) {
      alive[broker] = true;
      absent.removeIf(each -> each.get(0) == broker);
      cluster.restartCleanly(broker);
    }

    /**
     * Its log of this partition is gone; what it has again came from a leader. A fenced broker can
     * tell nobody, and tells it before it leads again.
     */
    private void goOffline(int broker, int partition) {
      List<Integer> log = logs.get(partition).get(broker);
      boolean heard = alive[broker] && !cluster.state.image().broker(broker).fenced();
      if (heard && log != null) {
        if (broker == LOSSY && mayLose(partition)) {
          log.clear();
        }
        cluster.apply(
            new ReplicasOffline(
                broker, cluster.epoch(broker), List.of(new TopicIdPartition(id(partition), 0))));
      }
    }

    private void findAbsent(int broker, int partition) {
      if (logs.get(partition).containsKey(broker)) {
        absent.add(List.of(broker, partition));
        cluster.apply(
            new ReplicasOffline(
                broker,
                cluster.epoch(broker),
                List.of(new TopicIdPartition(id(partition), 0)),
                true));
      }
    }

    private boolean isThere(int broker, int partition) {
      return alive[broker] && !absent.contains(List.of(broker, partition));
    }

    private void append(int partition) {
      PartitionImage p = partition(partition);
      if (p.hasLeader() && alive[p.leader()]) {
        logs.get(partition).get(p.leader()).add(p.leaderEpoch());
      }
    }

    /** The follower drops what its leader does not have and takes one record. */
    private void replicate(int partition, int follower) {
      PartitionImage p = partition(partition);
      List<Integer> log = logs.get(partition).get(follower);
      if (log == null || !p.hasLeader() || p.leader() == follower) {
        return;
      }
      if (isThere(follower, partition) && alive[p.leader()]) {
        List<Integer> leaders = logs.get(partition).get(p.leader());
        int common = commonPrefix(log, leaders);
        log.subList(common, log.size()).clear();
        if (log.size() < leaders.size()) {
          log.add(leaders.get(log.size()));
        }
      }
    }

    private static int commonPrefix(List<Integer> one, List<Integer> other) {
      int common = 0;
      while (common < Math.min(one.size(), other.size())
          && one.get(common).equals(other.get(common))) {
        common++;
      }
      return common;
    }

    /** The leader proposes a set of those who have its whole log; any it may drop. */
    private void propose(int partition, int mask) {
      PartitionImage p = partition(partition);
      if (!p.hasLeader() || !alive[p.leader()]) {
        return;
      }
      List<AlterIsr.Member> members = new ArrayList<>();
      for (int replica : p.replicas()) {
        boolean caughtUp =
            isThere(replica, partition)
                && logs.get(partition).get(replica).equals(logs.get(partition).get(p.leader()));
        boolean wanted = (mask & (1 << replica)) != 0;
        if (replica == p.leader() || (wanted && (caughtUp || p.isr().contains(replica)))) {
          members.add(new AlterIsr.Member(replica, cluster.epoch(replica)));
        }
      }
      AlterIsr proposal =
          new AlterIsr(
              List.of(
                  new AlterIsr.Change(
                      id(partition),
                      0,
                      p.leaderEpoch(),
                      p.partitionEpoch(),
                      members,
                      leftOut(p, members, mask >> BROKERS))));
      oldProposal = proposal;
      cluster.apply(proposal);
    }

    private LeftOut leftOut(PartitionImage p, List<AlterIsr.Member> members, int why) {
      List<Integer> gone = new ArrayList<>(p.isr());
      members.forEach(member -> gone.remove((Integer) member.brokerId()));
      return switch (why & 3) {
        case 1 -> new LeftOut(gone, List.of());
        case 2 -> new LeftOut(List.of(), gone);
        default -> LeftOut.NONE;
      };
    }

    /** To two or three brokers from some one on, or back. */
    private void reassign(int partition, int first, int how) {
      List<Integer> target = new ArrayList<>();
      int count = how == 0 ? 0 : 2 + how % 2;
      for (int i = 0; i < count; i++) {
        target.add((first + i) % BROKERS);
      }
      cluster.apply(
          new AlterReassignments(
              List.of(
                  new AlterReassignments.Target(new TopicIdPartition(id(partition), 0), target))));
      partition(partition)
          .replicas()
          .forEach(id -> logs.get(partition).computeIfAbsent(id, none -> new ArrayList<>()));
    }

    /** The broker deletes what it is no replica of any more. */
    private void clearUp(int broker) {
      List<TopicIdPartition> gone = new ArrayList<>();
      for (int p = 0; p < REPLICAS.size(); p++) {
        if (alive[broker] && partition(p).moves().left().contains(broker)) {
          logs.get(p).remove(broker);
          gone.add(new TopicIdPartition(id(p), 0));
        }
      }
      cluster.apply(new ConfirmReplicaRemoval(broker, cluster.epoch(broker), gone));
    }

    private void report(int broker) {
      List<ReportLogEnds.Report> reports = new ArrayList<>();
      for (int p = 0; p < REPLICAS.size(); p++) {
        if (isThere(broker, p) && partition(p).awaitsReportOf(broker)) {
          List<Integer> log = logs.get(p).get(broker);
          int lastEpoch = log.isEmpty() ? -1 : log.get(log.size() - 1);
          reports.add(new ReportLogEnds.Report(id(p), 0, lastEpoch, log.size(), -1));
        }
      }
      cluster.apply(new ReportLogEnds(broker, cluster.epoch(broker), reports));
    }

    /** HW: what all in sync have, if they are enough (REP-3). */
    private void commit(int partition) {
      PartitionImage p = partition(partition);
      if (!p.hasLeader() || p.isr().size() < minIsr(p)) {
        return;
      }
      List<Integer> leaders = logs.get(partition).get(p.leader());
      int end = leaders.size();
      for (int member : p.isr()) {
        end = Math.min(end, commonPrefix(leaders, logs.get(partition).get(member)));
      }
      if (end > committed.get(partition).size()) {
        committed.set(partition, new ArrayList<>(leaders.subList(0, end)));
      }
    }

    private static int minIsr(PartitionImage p) {
      return Math.min(2, p.replicas().size() - p.moves().adding().size());
    }

    private void check(int partition, PartitionImage before, PartitionImage p) {
      Set<Integer> eligible = new HashSet<>(p.isr());
      eligible.addAll(p.elr());
      Set<Integer> known = new HashSet<>(eligible);
      known.addAll(p.uncleanCandidates());
      assertThat(p.replicas()).containsAll(known);
      assertThat(known)
          .as("disjoint")
          .hasSize(p.isr().size() + p.elr().size() + p.uncleanCandidates().size());
      assertThat(known.size()).as("ISR-5").isGreaterThanOrEqualTo(minIsr(p));
      if (p.isr().size() >= minIsr(p)) {
        assertThat(p.elr()).isEmpty();
      }
      assertThat(p.isr().isEmpty()).isEqualTo(!p.hasLeader());
      assertThat(p.replicas()).containsAll(p.moves().adding()).containsAll(p.moves().removing());
      assertThat(p.moves().left()).noneMatch(p.replicas()::contains);
      ClusterImage image = cluster.state.image();
      assertThat(p.isr()).allMatch(member -> !image.broker(member).fenced());
      assertThat(eligible)
          .as("STO-8")
          .noneMatch(
              r -> image.broker(r).offline().contains(new TopicIdPartition(id(partition), 0)));
      if (eligible.stream().anyMatch(r -> image.broker(r).electable())) {
        assertThat(p.hasLeader()).as("somebody clean can lead").isTrue();
      }
      checkEpochs(partition, before, p);
      if (p.hasLeader()) {
        assertThat(p.isr()).contains(p.leader());
        List<Integer> log = logs.get(partition).get(p.leader());
        List<Integer> promised = committed.get(partition);
        assertThat(commonPrefix(log, promised)).as("REP-1").isEqualTo(promised.size());
      }
    }

    private void checkEpochs(int partition, PartitionImage before, PartitionImage p) {
      if (p.equals(before)) {
        return;
      }
      assertThat(p.partitionEpoch()).isEqualTo(before.partitionEpoch() + 1);
      assertThat(p.leaderEpoch()).isGreaterThanOrEqualTo(before.leaderEpoch());
      if (p.leader() != before.leader()) {
        assertThat(p.leaderEpoch()).as("LEP-1").isGreaterThan(before.leaderEpoch());
      }
      Integer leader = leaderOfEpoch.putIfAbsent(partition + "@" + p.leaderEpoch(), p.leader());
      assertThat(leader == null || leader == p.leader()).as("LEP-1").isTrue();
    }
  }
}
