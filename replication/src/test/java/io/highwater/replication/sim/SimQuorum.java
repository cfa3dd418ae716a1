package io.highwater.replication.sim;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * The metadata quorum as one linearizable object: commands are applied one by one, at a moment
 * between their submission and their answer. It has a leader as long as one broker that runs
 * reaches a majority, and after a leader is lost it takes a while to find the next. A leader that
 * was replaced may take itself for the leader until it hears of it.
 */
final class SimQuorum {
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final int size;
  private final IntPredicate runs;
  private final Sabotage sabotage;
  private ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private final Map<Long, ClusterImage> history = new HashMap<>();
  private final List<SimMetadataLog> members = new ArrayList<>();
  private long index;
  private Controller leader = Controller.UNKNOWN;
  private boolean electing;
  private boolean halted;

  /**
   * @param runs which brokers live and are not stalled
   */
  SimQuorum(
      SimScheduler scheduler, SimNetwork network, int size, IntPredicate runs, Sabotage sabotage) {
    this.scheduler = scheduler;
    this.network = network;
    this.size = size;
    this.runs = runs;
    this.sabotage = sabotage;
  }

  /** What is committed. */
  ClusterImage image() {
    return state.image();
  }

  /** What was committed when an entry was the last. */
  ClusterImage imageAt(long atIndex) {
    return history.get(atIndex);
  }

  /** The same as brokers are shown it. */
  ClusterImage seenImage() {
    return sabotage.seen(image());
  }

  Controller leader() {
    return leader;
  }

  void join(SimMetadataLog member) {
    members.add(member);
  }

  void leave(SimMetadataLog member) {
    members.remove(member);
  }

  /** Applies a command now, as the scenario's own hand. */
  CommandResult apply(MetadataCommand command) {
    CommandResult result = append(sabotage.submitted(command, image()));
    for (MetadataCommand more : sabotage.after(command, image())) {
      append(more);
    }
    for (SimMetadataLog member : members) {
      member.committed(seenImage());
    }
    return result;
  }

  private CommandResult append(MetadataCommand command) {
    CommandResult result = state.apply(++index, command);
    state = sabotage.recorded(state);
    history.put(image().index(), image());
    return result;
  }

  /** Whether a command of this broker gets to the leader now. */
  boolean accepts(int broker) {
    return leads(leader.id()) && reach(broker, leader.id());
  }

  /** Whether a broker can hear who leads. */
  boolean tells(int broker) {
    return leader.id() == Controller.NONE || reach(broker, leader.id());
  }

  private boolean reach(int one, int other) {
    return one == other || (network.quorumReaches(one, other) && network.quorumReaches(other, one));
  }

  /** Looks whether the leader still leads; the cluster calls this every now and then. */
  void tick() {
    if (!electing && !leads(leader.id())) {
      electing = true;
      announce(leader.lost());
      scheduler.after(scheduler.delayNanos(300, 900), "quorum-election", this::elect);
    }
  }

  private void elect() {
    electing = false;
    elect(scheduler.random().nextInt(size));
  }

  /** As long as it is halted nobody leads it, whoever reaches whom. */
  void halt(boolean isHalted) {
    halted = isHalted;
  }

  /** Another broker takes over from a leader that goes on living. */
  void depose() {
    if (!electing && leader.id() != Controller.NONE) {
      elect(leader.id());
    }
  }

  /** Who may lead. */
  Set<Integer> members() {
    Set<Integer> ids = new TreeSet<>();
    for (int id = 1; id <= size; id++) {
      ids.add(id);
    }
    return ids;
  }

  /** The leader hands over to the first of these that can lead. */
  void resign(int from, List<Integer> successors) {
    if (leader.id() == from && !electing && !sabotage.keepsTheQuorum()) {
      successors.stream()
          .filter(id -> id <= size && id != from && leads(id))
          .findFirst()
          .ifPresent(id -> announce(new Controller(id, leader.term() + 1), 0));
    }
  }

  private void elect(int first) {
    for (int i = 0; i < size; i++) {
      int candidate = 1 + (first + i) % size;
      if (leads(candidate)) {
        announce(new Controller(candidate, leader.term() + 1));
        return;
      }
    }
  }

  private void announce(Controller next) {
    announce(next, 1_500);
  }

  private void announce(Controller next, double deposedHearsWithinMs) {
    int deposed = leader.id();
    leader = next;
    for (SimMetadataLog member : members) {
      member.ledBy(
          next, member.self() == deposed ? scheduler.delayNanos(0, deposedHearsWithinMs) : 0);
    }
  }

  /** Whether a broker runs and reaches a majority both ways. */
  boolean leads(int broker) {
    if (halted || broker == Controller.NONE || !runs.test(broker)) {
      return false;
    }
    int reached = 0;
    for (int other = 1; other <= size; other++) {
      if (other == broker || (runs.test(other) && reach(broker, other))) {
        reached++;
      }
    }
    return reached > size / 2;
  }
}
