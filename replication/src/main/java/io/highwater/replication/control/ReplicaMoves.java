package io.highwater.replication.control;

import java.util.ArrayList;
import java.util.List;

/**
 * How a partition's replicas change (KIP-455), and who has to clear up afterwards.
 *
 * @param adding replicas that a reassignment brings; they follow, and count once they are in sync
 * @param removing replicas that go once all that are added are in sync
 * @param left brokers that were replicas and may still hold data of the partition; only who is
 *     named here deletes any
 */
public record ReplicaMoves(List<Integer> adding, List<Integer> removing, List<Integer> left) {
  /** Nothing to do. */
  public static final ReplicaMoves NONE = new ReplicaMoves(List.of(), List.of(), List.of());

  public ReplicaMoves {
    adding = List.copyOf(adding);
    removing = List.copyOf(removing);
    left = List.copyOf(left);
  }

  /** Whether a reassignment is under way. */
  public boolean underWay() {
    return !adding.isEmpty() || !removing.isEmpty();
  }

  /** The same debts, and whoever left now; brokers that are replicas again owe nothing. */
  List<Integer> leftAfter(List<Integer> leaving, List<Integer> replicas) {
    List<Integer> next = new ArrayList<>(left);
    leaving.stream().filter(id -> !next.contains(id)).forEach(next::add);
    next.removeAll(replicas);
    return next.stream().sorted().toList();
  }

  ReplicaMoves confirmedBy(int brokerId) {
    return new ReplicaMoves(adding, removing, left.stream().filter(id -> id != brokerId).toList());
  }
}
