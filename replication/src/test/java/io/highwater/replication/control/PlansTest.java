package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Plans that move many replicas. */
class PlansTest {
  private static final UUID TOPIC = ClusterFixture.TOPIC_ID;

  /** Partitions on random brokers from 1, each broker in the rack of its number modulo racks. */
  private static ClusterFixture cluster(
      int brokers, int racks, int partitions, int factor, Random random) {
    ClusterFixture cluster = new ClusterFixture();
    List<Integer> ids = new ArrayList<>();
    for (int id = 1; id <= brokers; id++) {
      cluster.startIn(racks == 0 ? "" : "r" + id % racks, id);
      ids.add(id);
    }
    List<List<Integer>> assignments = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      Collections.shuffle(ids, random);
      assignments.add(List.copyOf(ids.subList(0, factor)));
    }
    cluster.accept(new CreateTopic("orders", TOPIC, assignments, Map.of()));
    return cluster;
  }

  private static List<List<Integer>> after(ClusterFixture cluster, List<PlannedMove> moves) {
    Map<TopicIdPartition, List<Integer>> changed = new HashMap<>();
    for (PlannedMove move : moves) {
      PartitionImage now = cluster.topic().partition(move.partition().partition());
      assertThat(move.from()).isEqualTo(now.replicas());
      assertThat(move.to()).doesNotHaveDuplicates().hasSameSizeAs(move.from());
      changed.put(move.partition(), move.to());
    }
    return cluster.topic().partitions().stream()
        .map(p -> changed.getOrDefault(cluster.topic().idOf(p.partition()), p.replicas()))
        .toList();
  }

  private static int spread(List<List<Integer>> placed, int brokers, boolean leadersOnly) {
    int[] counts = new int[brokers];
    for (List<Integer> replicas : placed) {
      (leadersOnly ? replicas.subList(0, 1) : replicas).forEach(id -> counts[id - 1]++);
    }
    List<Integer> all = Arrays.stream(counts).boxed().toList();
    return Collections.max(all) - Collections.min(all);
  }

  @Property(tries = 200)
  void aPlanEvensReplicasWithNoMoreMovesThanAreTooMany(
      @ForAll @IntRange(min = 2, max = 6) int brokers,
      @ForAll @IntRange(min = 1, max = 3) int factor,
      @ForAll @IntRange(min = 1, max = 40) int partitions,
      @ForAll long seed) {
    int replicationFactor = Math.min(factor, brokers);
    ClusterFixture cluster = cluster(brokers, 0, partitions, replicationFactor, new Random(seed));
    List<List<Integer>> before =
        cluster.topic().partitions().stream().map(PartitionImage::replicas).toList();

    List<PlannedMove> moves = BalancePlan.of(cluster.state.image());

    List<List<Integer>> placed = after(cluster, moves);
    assertThat(spread(placed, brokers, false)).isLessThanOrEqualTo(1);
    assertThat(spread(placed, brokers, true))
        .isLessThanOrEqualTo(Math.max(1, spread(before, brokers, true)) + 1);
    long mean = (long) partitions * replicationFactor / brokers;
    Map<Integer, Long> counts = new HashMap<>();
    before.forEach(replicas -> replicas.forEach(id -> counts.merge(id, 1L, Long::sum)));
    long surplus = counts.values().stream().mapToLong(c -> Math.max(0, c - mean)).sum();
    assertThat(moves.stream().filter(move -> !move.movesNoData()).count())
        .isLessThanOrEqualTo(surplus);
    after(cluster, moves);
    moves.forEach(
        move ->
            assertThat(
                    cluster
                        .accept(
                            new AlterReassignments(
                                List.of(
                                    new AlterReassignments.Target(move.partition(), move.to()))))
                        .refusals())
                .isEmpty());
    assertThat(BalancePlan.of(cluster.state.image()))
        .as("what is under way counts as done")
        .isEmpty();
  }

  @Property(tries = 200)
  void aDrainedBrokerKeepsNothingThatOthersCanTake(
      @ForAll @IntRange(min = 2, max = 6) int brokers,
      @ForAll @IntRange(min = 0, max = 3) int racks,
      @ForAll @IntRange(min = 1, max = 3) int factor,
      @ForAll @IntRange(min = 1, max = 40) int partitions,
      @ForAll long seed) {
    int replicationFactor = Math.min(factor, brokers);
    ClusterFixture cluster =
        cluster(brokers, racks, partitions, replicationFactor, new Random(seed));
    cluster.accept(new DrainBroker(1, true));

    DrainPlan plan = DrainPlan.of(cluster.state.image(), 1);

    List<List<Integer>> placed = after(cluster, plan.moves());
    long left = placed.stream().filter(replicas -> replicas.contains(1)).count();
    assertThat(left).isEqualTo(plan.stuck().size());
    assertThat(plan.stuck().isEmpty() || replicationFactor == brokers).isTrue();
  }

  @Test
  void aReplicaGoesToARackOfItsOwn() {
    ClusterFixture cluster = new ClusterFixture();
    cluster.startIn("a", 1);
    cluster.startIn("b", 2);
    cluster.startIn("b", 3);
    cluster.startIn("a", 4);
    cluster.create(1, 1, 2);

    assertThat(DrainPlan.of(cluster.state.image(), 1).moves().get(0).to()).containsExactly(4, 2);
  }

  @Test
  void leadershipsGoBackBeyondTheShareThatIsAllowed() {
    ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);
    cluster.create(2, 1, 2, 3);
    assertThat(LeaderImbalance.of(cluster.state.image(), 0, 10)).isEmpty();
    cluster.fence(1);
    assertThat(LeaderImbalance.of(cluster.state.image(), 0, 10)).as("it is dead").isEmpty();
    cluster.restartCleanly(1);
    assertThat(LeaderImbalance.of(cluster.state.image(), 0, 10)).as("it lags").isEmpty();
    cluster.accept(cluster.alterIsr(1, 2, 3));

    TopicIdPartition partition = new TopicIdPartition(TOPIC, 0);
    assertThat(LeaderImbalance.of(cluster.state.image(), 0, 10)).containsExactly(partition);
    assertThat(LeaderImbalance.of(cluster.state.image(), 99, 10)).containsExactly(partition);
    assertThat(LeaderImbalance.of(cluster.state.image(), 100, 10)).isEmpty();
    cluster.accept(new DrainBroker(1, true));
    assertThat(LeaderImbalance.of(cluster.state.image(), 0, 10)).isEmpty();
  }
}
