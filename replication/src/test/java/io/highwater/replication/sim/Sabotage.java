package io.highwater.replication.sim;

import io.highwater.proto.Acks;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.ReaderPosition;
import io.highwater.replication.Replica;
import io.highwater.replication.Replicas;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.ImagesUnderTest;
import io.highwater.replication.control.LastRun;
import io.highwater.replication.control.LeftOut;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.SignOfLife;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.TopicImage;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.core.InSyncSet;
import io.highwater.replication.transport.Follow;
import io.highwater.replication.transport.FollowerAck;
import io.highwater.replication.transport.PushFrame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Builds a {@link Flaw} into a cluster from outside, at the seams: into messages, commands and
 * images. Production code knows nothing of it.
 */
final class Sabotage {
  private record Reign(int brokerId, TopicIdPartition partition) {}

  private final Flaw flaw;
  private final Map<Reign, Integer> seenEpochs = new HashMap<>();

  Sabotage(Flaw flaw) {
    this.flaw = flaw;
  }

  private boolean is(Flaw one) {
    return flaw == one;
  }

  // ---- The control plane

  MetadataCommand submitted(MetadataCommand command, ClusterImage image) {
    if (is(Flaw.ELECT_UNCLEAN_REPLICA)
        && command instanceof RegisterBroker register
        && image.broker(register.brokerId()) != null) {
      return new RegisterBroker(
          register.brokerId(),
          register.incarnation(),
          register.directoryId(),
          image.broker(register.brokerId()).epoch(),
          register.expectedBrokerEpoch(),
          register.endpoints(),
          register.version());
    }
    if (is(Flaw.TAKE_POWER_LOSS_FOR_A_KILL)
        && command instanceof RegisterBroker register
        && image.broker(register.brokerId()) != null) {
      return new RegisterBroker(
          register.brokerId(),
          register.incarnation(),
          register.directoryId(),
          new LastRun(register.lastRun().cleanEpoch(), image.broker(register.brokerId()).epoch()),
          register.expectedBrokerEpoch(),
          register.endpoints(),
          register.version(),
          register.rack(),
          register.features());
    }
    if (is(Flaw.FENCE_WHO_THE_QUORUM_HEARS) && command instanceof SignOfLife life) {
      return new SignOfLife(life.brokerId(), -1, List.of());
    }
    if (command instanceof AlterIsr proposals) {
      return new AlterIsr(proposals.changes().stream().map(c -> proposed(c, image)).toList());
    }
    return command;
  }

  private AlterIsr.Change proposed(AlterIsr.Change change, ClusterImage image) {
    AlterIsr.Change told = is(Flaw.SKIP_EPOCH_CHECK) ? renewed(change, image) : change;
    if (is(Flaw.DEAF_LEADER_STAYS)) {
      told = changed(told, told.isr(), LeftOut.NONE);
    }
    PartitionImage present = partition(told, image);
    boolean givesUp =
        present != null && told.isr().stream().noneMatch(m -> m.brokerId() == present.leader());
    return is(Flaw.IGNORE_FULL_DISKS) && givesUp ? changed(told, List.of(), LeftOut.NONE) : told;
  }

  private static PartitionImage partition(AlterIsr.Change change, ClusterImage image) {
    TopicImage topic = image.topic(change.topicId());
    return topic == null ? null : topic.partition(change.partition());
  }

  private static AlterIsr.Change changed(
      AlterIsr.Change change, List<AlterIsr.Member> isr, LeftOut leftOut) {
    return new AlterIsr.Change(
        change.topicId(),
        change.partition(),
        change.leaderEpoch(),
        change.partitionEpoch(),
        isr,
        leftOut);
  }

  private static AlterIsr.Change renewed(AlterIsr.Change change, ClusterImage image) {
    PartitionImage present = partition(change, image);
    return present == null
        ? change
        : new AlterIsr.Change(
            change.topicId(),
            change.partition(),
            present.leaderEpoch(),
            present.partitionEpoch(),
            change.isr().stream().map(member -> member(image, member.brokerId())).toList());
  }

  /** Commands that nobody submitted. */
  List<MetadataCommand> after(MetadataCommand command, ClusterImage image) {
    if (is(Flaw.JOIN_BEFORE_CAUGHT_UP) && command instanceof RegisterBroker register) {
      return joined(image, partition -> List.of(register.brokerId()));
    }
    if (is(Flaw.MOVE_BEFORE_CAUGHT_UP) && command instanceof AlterReassignments) {
      return joined(image, partition -> partition.moves().adding());
    }
    return List.of();
  }

  /** Lets brokers into in-sync sets. */
  private static List<MetadataCommand> joined(
      ClusterImage image, Function<PartitionImage, List<Integer>> who) {
    List<AlterIsr.Change> changes = new ArrayList<>();
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        List<Integer> joining = new ArrayList<>(who.apply(partition));
        joining.removeAll(partition.isr());
        if (partition.hasLeader() && !joining.isEmpty()) {
          List<AlterIsr.Member> members = new ArrayList<>();
          partition.isr().forEach(id -> members.add(member(image, id)));
          joining.forEach(id -> members.add(member(image, id)));
          changes.add(
              new AlterIsr.Change(
                  topic.id(),
                  partition.partition(),
                  partition.leaderEpoch(),
                  partition.partitionEpoch(),
                  members));
        }
      }
    }
    return changes.isEmpty() ? List.of() : List.of(new AlterIsr(changes));
  }

  private static AlterIsr.Member member(ClusterImage image, int brokerId) {
    return new AlterIsr.Member(brokerId, image.broker(brokerId).epoch());
  }

  /** What brokers are shown of the metadata. */
  ClusterImage seen(ClusterImage image) {
    return switch (flaw) {
      case ADVANCE_BELOW_MIN_ISR -> ImagesUnderTest.withMinInSyncReplicas(image, 1);
      case DELETE_BEFORE_MOVED -> ImagesUnderTest.withMovesDone(image);
      default -> image;
    };
  }

  /** What stays of the metadata. */
  ClusterState recorded(ClusterState state) {
    return is(Flaw.LOSS_NOT_RECORDED)
        ? new ClusterState(ImagesUnderTest.withoutLosses(state.image()))
        : state;
  }

  /** Whether the active controller does not give the quorum up. */
  boolean keepsTheQuorum() {
    return is(Flaw.SICK_CONTROLLER_STAYS);
  }

  // ---- Brokers

  /** What a leader makes of what a reader says. */
  ReaderPosition positionOf(ReaderPosition position) {
    return is(Flaw.READERS_EPOCH_IGNORED)
        ? new ReaderPosition(position.offset(), ReaderPosition.UNKNOWN, Integer.MAX_VALUE)
        : position;
  }

  HighWatermark.Quorum quorumRule() {
    return is(Flaw.COUNT_COMMITTED_ISR_ONLY)
        ? InSyncSet::isCommitted
        : HighWatermark.Quorum.MAXIMAL_ISR;
  }

  Acks required(Acks acks) {
    return is(Flaw.ACK_BEFORE_HIGH_WATERMARK) && acks == Acks.ALL ? Acks.LEADER : acks;
  }

  /** What a client is told of an append that failed. */
  Outcome told(Outcome outcome) {
    return is(Flaw.CALL_UNKNOWN_REFUSED) ? Outcome.REFUSED : outcome;
  }

  /** The log directories that a broker is told to open. */
  List<Path> roots(SimDisk disk) {
    if (!is(Flaw.FORGET_DEAD_DIRECTORY)) {
      return SimDisk.ROOTS;
    }
    disk.forgetDirectories();
    return SimDisk.ROOTS.stream()
        .filter(root -> root.equals(disk.metadataRoot()) || !disk.isBroken(root))
        .toList();
  }

  /** A broker is about to open what is on its disks. */
  void opening(SimDisk disk) {
    if (is(Flaw.TRUST_ANY_FILE)) {
      disk.forgetOwners();
    }
  }

  /** Whether a disk keeps what it was told to keep of a log. */
  boolean syncs(Path file) {
    return !(is(Flaw.SKIP_FSYNC) && file.toString().endsWith(".log"));
  }

  /** A broker has applied an image. */
  void applied(int brokerId, Replicas replicas) {
    for (Replica replica : replicas.replicas()) {
      Integer before =
          seenEpochs.put(new Reign(brokerId, replica.partition()), replica.leaderEpoch());
      if (before != null && before >= replica.leaderEpoch()) {
        continue;
      }
      if (is(Flaw.TRUNCATE_TO_HIGH_WATERMARK) && replica.role() == Replica.Role.FOLLOWER) {
        replica.log().truncateTo(replica.highWatermark());
      }
      if (is(Flaw.FORGET_PRODUCERS_AT_FAILOVER) && replica.role() == Replica.Role.LEADER) {
        replica.log().producers().clear();
      }
    }
  }

  // ---- Between replicas

  /** The epoch in which a broker believes a frame to be. */
  int epoch(int ofFrame, TopicIdPartition partition, SimBroker receiver) {
    Replica replica = receiver.replicas().replica(partition);
    return is(Flaw.SKIP_EPOCH_CHECK) && replica != null ? replica.leaderEpoch() : ofFrame;
  }

  PushFrame pushed(PushFrame frame, SimBroker follower) {
    return new PushFrame(
        frame.partition(),
        epoch(frame.leaderEpoch(), frame.partition(), follower),
        frame.previousEndOffset(),
        frame.highWatermark(),
        frame.lastStableOffset(),
        frame.logStartOffset(),
        frame.tombstoneHorizon(),
        frame.recencyRound(),
        frame.records());
  }

  Follow asked(Follow follow, SimBroker leader) {
    return new Follow(
        follow.partition(),
        epoch(follow.leaderEpoch(), follow.partition(), leader),
        follow.logEndOffset(),
        follow.lastEpoch(),
        follow.flushedOffset(),
        is(Flaw.FORGET_TOMBSTONES) ? Long.MAX_VALUE : follow.tombstoneHorizon(),
        is(Flaw.TRUST_EQUAL_ENDS) ? null : follow.lastBatch(),
        follow.lacksSpace() && !is(Flaw.IGNORE_FULL_DISKS));
  }

  FollowerAck acked(FollowerAck ack, SimBroker leader) {
    return new FollowerAck(
        ack.partition(),
        epoch(ack.leaderEpoch(), ack.partition(), leader),
        ack.logEndOffset(),
        ack.flushedOffset(),
        ack.recencyRound(),
        ack.lacksSpace() && !is(Flaw.IGNORE_FULL_DISKS));
  }
}
