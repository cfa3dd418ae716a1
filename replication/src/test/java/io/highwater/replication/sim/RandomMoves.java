package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BalancePlan;
import io.highwater.replication.control.DrainPlan;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.AlterReassignments.Target;
import io.highwater.replication.control.PlannedMove;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** An operator who moves replicas about at the worst moments, and changes his mind. */
final class RandomMoves {
  private final SimCluster cluster;
  private final Random random;

  RandomMoves(SimCluster cluster) {
    this.cluster = cluster;
    this.random = cluster.scheduler().random();
  }

  private TopicIdPartition anyPartition() {
    return SimCluster.partition(random.nextInt(SimCluster.PARTITIONS));
  }

  private int anyBroker() {
    return 1 + random.nextInt(cluster.size());
  }

  /** To any brokers, enough of them that the partition can be written. */
  void reassign() {
    List<Integer> brokers =
        new ArrayList<>(IntStream.rangeClosed(1, cluster.size()).boxed().toList());
    Collections.shuffle(brokers, random);
    int count = SimCluster.MIN_ISR + random.nextInt(cluster.size() - SimCluster.MIN_ISR + 1);
    alter(List.of(new Target(anyPartition(), brokers.subList(0, count))));
  }

  void callOff() {
    alter(List.of(new Target(anyPartition(), List.of())));
  }

  void drain() {
    int broker = anyBroker();
    cluster.quorum().apply(new MetadataCommand.DrainBroker(broker, true));
    alter(targets(DrainPlan.of(cluster.quorum().image(), broker).moves()));
  }

  /** Everybody may be given something again, and is. */
  void balance() {
    for (int id = 1; id <= cluster.size(); id++) {
      cluster.quorum().apply(new MetadataCommand.DrainBroker(id, false));
    }
    alter(targets(BalancePlan.of(cluster.quorum().image())));
  }

  void electPreferred() {
    cluster.quorum().apply(new MetadataCommand.ElectLeaders(List.of(anyPartition())));
  }

  private static List<Target> targets(List<PlannedMove> moves) {
    return moves.stream().map(move -> new Target(move.partition(), move.to())).toList();
  }

  /** What cannot be is refused, as it should. */
  private void alter(List<Target> targets) {
    if (!targets.isEmpty()) {
      cluster.quorum().apply(new AlterReassignments(targets));
    }
  }
}
