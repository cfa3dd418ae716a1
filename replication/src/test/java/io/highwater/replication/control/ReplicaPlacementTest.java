package io.highwater.replication.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ReplicaPlacementTest {

  @Property(tries = 200)
  void leadersAndReplicasAreSpreadEvenly(
      @ForAll @IntRange(min = 1, max = 8) int brokers,
      @ForAll @IntRange(min = 1, max = 8) int factor,
      @ForAll @IntRange(min = 1, max = 60) int partitions,
      @ForAll int start) {
    int replicationFactor = Math.min(factor, brokers);
    ClusterFixture cluster =
        ClusterFixture.withBrokers(IntStream.range(10, 10 + brokers).toArray());

    List<List<Integer>> placed =
        ReplicaPlacement.place(cluster.state.image(), 0, partitions, replicationFactor, start);

    assertThat(placed).hasSize(partitions);
    int[] leaders = new int[brokers];
    for (List<Integer> replicas : placed) {
      assertThat(new HashSet<>(replicas)).hasSize(replicationFactor);
      leaders[replicas.get(0) - 10]++;
    }
    List<Integer> counts = IntStream.of(leaders).boxed().toList();
    assertThat(Collections.max(counts) - Collections.min(counts)).isLessThanOrEqualTo(1);
  }

  @Property(tries = 300)
  void replicasAreInAsManyRacksAsPossible(
      @ForAll @Size(min = 1, max = 9) List<@IntRange(min = 0, max = 3) Integer> rackOfBroker,
      @ForAll @IntRange(min = 1, max = 9) int factor,
      @ForAll @IntRange(min = 1, max = 60) int partitions,
      @ForAll int start) {
    int brokers = rackOfBroker.size();
    int replicationFactor = Math.min(factor, brokers);
    ClusterFixture cluster = new ClusterFixture();
    for (int id = 0; id < brokers; id++) {
      cluster.startIn("rack-" + rackOfBroker.get(id), id);
    }
    int racks = new HashSet<>(rackOfBroker).size();

    List<List<Integer>> placed =
        ReplicaPlacement.place(cluster.state.image(), 3, partitions, replicationFactor, start);

    int[] leaders = new int[brokers];
    for (List<Integer> replicas : placed) {
      assertThat(new HashSet<>(replicas)).hasSize(replicationFactor);
      assertThat(replicas.stream().map(rackOfBroker::get).distinct().count())
          .isEqualTo(Math.min(racks, replicationFactor));
      leaders[replicas.get(0)]++;
    }
    List<Integer> counts = IntStream.of(leaders).boxed().toList();
    assertThat(Collections.max(counts) - Collections.min(counts)).isLessThanOrEqualTo(1);
  }

  @Test
  void racksOfEqualSizeCarryEquallyMany() {
    ClusterFixture cluster = new ClusterFixture();
    for (int id = 0; id < 6; id++) {
      cluster.startIn("rack-" + id / 2, id);
    }

    int[] replicasOf = new int[6];
    ReplicaPlacement.place(cluster.state.image(), 0, 60, 3, 0)
        .forEach(replicas -> replicas.forEach(id -> replicasOf[id]++));

    assertThat(replicasOf).containsOnly(30);
  }

  @Test
  void racksCountOnlyWhereEveryBrokerHasOne() {
    ClusterFixture cluster = ClusterFixture.withBrokers(1);
    cluster.startIn("a", 2);
    cluster.startIn("a", 3);

    assertThat(ReplicaPlacement.place(cluster.state.image(), 0, 1, 2, 1))
        .containsExactly(List.of(2, 3));
  }

  @Test
  void aDrainedBrokerIsGivenNothing() {
    ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);
    cluster.accept(new MetadataCommand.DrainBroker(2, true));

    assertThat(ReplicaPlacement.place(cluster.state.image(), 0, 9, 2, 0))
        .noneMatch(replicas -> replicas.contains(2));
  }

  @Test
  void followersOfOneLeaderAreSpreadOverTheOthers() {
    ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);

    List<List<Integer>> placed = ReplicaPlacement.place(cluster.state.image(), 0, 6, 2, 0);

    assertThat(placed)
        .containsExactly(
            List.of(1, 2),
            List.of(2, 3),
            List.of(3, 1),
            List.of(1, 3),
            List.of(2, 1),
            List.of(3, 2));
  }

  @Test
  void onlyAvailableBrokersAreCounted() {
    ClusterFixture cluster = ClusterFixture.withBrokers(1, 2, 3);
    cluster.fence(2);

    assertThatThrownBy(() -> ReplicaPlacement.place(cluster.state.image(), 0, 1, 3, 0))
        .isInstanceOfSatisfying(
            HighwaterException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REPLICATION_FACTOR));
  }
}
