package io.highwater.replication.sim;

import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataLog.Controller;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The metadata quorum as one linearizable object: commands are applied one by one, at a moment
 * between their submission and their answer. It has a leader as long as one broker that lives
 * reaches a majority, and after a leader is lost it takes a while to find the next.
 */
final class SimQuorum {
  private final SimScheduler scheduler;
  private final SimNetwork network;
  private final int size;
  private final IntPredicate lives;
  private final ClusterState state = new ClusterState(ClusterImage.EMPTY);
  private final List<SimMetadataLog> members = new ArrayList<>();
  private long index;
  private Controller leader = new Controller(Controller.NONE, 0);
  private boolean electing;

  SimQuorum(SimScheduler scheduler, SimNetwork network, int size, IntPredicate lives) {
    this.scheduler = scheduler;
    this.network = network;
    this.size = size;
    this.lives = lives;
  }

  /** What is committed. */
  ClusterImage image() {
    return state.image();
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
    CommandResult result = state.apply(++index, command);
    for (SimMetadataLog member : members) {
      member.committed(state.image());
    }
    return result;
  }

  /** Whether a command of this broker gets to the leader now. */
  boolean accepts(int broker) {
    return leads(leader.id())
        && (broker == leader.id()
            || (network.reaches(broker, leader.id()) && network.reaches(leader.id(), broker)));
  }

  /** Looks whether the leader still leads; the cluster calls this every now and then. */
  void tick() {
    if (!electing && !leads(leader.id())) {
      electing = true;
      announce(new Controller(Controller.NONE, leader.term()));
      scheduler.after(scheduler.delayNanos(300, 900), "quorum-election", this::elect);
    }
  }

  private void elect() {
    electing = false;
    int first = scheduler.random().nextInt(size);
    for (int i = 0; i < size; i++) {
      int candidate = 1 + (first + i) % size;
      if (leads(candidate)) {
        announce(new Controller(candidate, leader.term() + 1));
        return;
      }
    }
  }

  private void announce(Controller next) {
    leader = next;
    for (SimMetadataLog member : members) {
      member.ledBy(next);
    }
  }

  /** Whether a broker lives and reaches a majority both ways. */
  boolean leads(int broker) {
    if (broker == Controller.NONE || !lives.test(broker)) {
      return false;
    }
    int reached = 0;
    for (int other = 1; other <= size; other++) {
      if (other == broker
          || (lives.test(other)
              && network.reaches(broker, other)
              && network.reaches(other, broker))) {
        reached++;
      }
    }
    return reached > size / 2;
  }
}
