package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.Invariant;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.IsrRefusal;
import io.highwater.replication.control.CommandResult.Rejected;
import io.highwater.replication.control.MetadataCommand.AllocateProducerIds;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.ConfirmRemoval;
import io.highwater.replication.control.MetadataCommand.CreateTopic;
import io.highwater.replication.control.MetadataCommand.DeleteTopic;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.FenceBroker;
import io.highwater.replication.control.MetadataCommand.FormatCluster;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.StopBroker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Folds the metadata log into images: the one place where commands are accepted or rejected
 * (CTL-1). Depends on nothing but the commands and their indexes, so every member that applied the
 * same ones has an equal image. Not thread-safe: one thread applies.
 */
public final class ClusterState {
  /** Most producer ids that one command may take. */
  public static final int MAX_PRODUCER_ID_BLOCK = 1_000_000;

  private ClusterImage image;

  /** Starts from an image: {@link ClusterImage#EMPTY}, or one out of a snapshot. */
  public ClusterState(ClusterImage image) {
    this.image = image;
  }

  /** The image after the last command applied. */
  public ClusterImage image() {
    return image;
  }

  /**
   * Applies the command at the next index.
   *
   * @param index its position in the log, greater than that of every command before
   */
  public CommandResult apply(long index, MetadataCommand command) {
    Invariant.check(index > image.index(), "CTL-2: metadata goes forward", index, image.index());
    ClusterImage.Editor edit = image.edit();
    CommandResult result =
        image.clusterId().isEmpty() && command.kind() != MetadataCommand.Kind.FORMAT_CLUSTER
            ? new Rejected(index, ErrorCode.INVALID_REQUEST, "the cluster is not formatted yet")
            : applyTo(edit, index, command);
    image = result instanceof Rejected ? image.edit().at(index) : edit.at(index);
    return result;
  }

  private CommandResult applyTo(ClusterImage.Editor edit, long index, MetadataCommand command) {
    return switch (command.kind()) {
      case FORMAT_CLUSTER -> format(edit, index, (FormatCluster) command);
      case REGISTER_BROKER -> register(edit, index, (RegisterBroker) command);
      case FENCE_BROKER -> fence(edit, index, (FenceBroker) command);
      case STOP_BROKER -> stop(edit, index, (StopBroker) command);
      case CREATE_TOPIC -> create(edit, index, (CreateTopic) command);
      case DELETE_TOPIC -> delete(edit, index, (DeleteTopic) command);
      case CONFIRM_REMOVAL -> confirmRemoval(edit, index, (ConfirmRemoval) command);
      case ALTER_ISR -> alterIsr(edit, index, (AlterIsr) command);
      case ALLOCATE_PRODUCER_IDS -> allocate(edit, index, (AllocateProducerIds) command);
      case REPORT_LOG_ENDS -> report(edit, index, (ReportLogEnds) command);
      case ELECT_LONGEST -> electLongest(edit, index, (ElectLongest) command);
    };
  }

  private CommandResult format(ClusterImage.Editor edit, long index, FormatCluster command) {
    String present = image.clusterId();
    if (command.clusterId().isEmpty()) {
      return new Rejected(index, ErrorCode.INVALID_REQUEST, "a cluster id is not empty");
    }
    if (!present.isEmpty() && !present.equals(command.clusterId())) {
      return new Rejected(
          index,
          ErrorCode.INCONSISTENT_CLUSTER_ID,
          "this is cluster " + present + ", not " + command.clusterId());
    }
    edit.setClusterId(command.clusterId());
    return Accepted.at(index);
  }

  private CommandResult register(ClusterImage.Editor edit, long index, RegisterBroker command) {
    int id = command.brokerId();
    BrokerRegistration old = image.broker(id);
    if (id < 0) {
      return new Rejected(index, ErrorCode.INVALID_REQUEST, "node id " + id + " is negative");
    }
    boolean sameProcess = old != null && old.incarnation().equals(command.incarnation());
    if (sameProcess && old.electable()) {
      return registered(index, old.epoch());
    }
    boolean sameDirectory = old != null && old.directoryId().equals(command.directoryId());
    if (old != null && !old.fenced() && !sameDirectory) {
      return new Rejected(
          index,
          ErrorCode.DUPLICATE_BROKER_REGISTRATION,
          "node id " + id + " is in use with another data directory");
    }
    boolean nothingLost =
        sameProcess || (sameDirectory && command.previousBrokerEpoch() == old.epoch());
    if (old != null) {
      edit.put(old.asFenced());
      if (nothingLost) {
        leave(edit, id);
      } else {
        update(edit, id, (p, minIsr) -> IsrRules.exclude(IsrRules.forgetReport(p, id), id, minIsr));
      }
    }
    edit.put(
        new BrokerRegistration(
            id,
            index,
            command.incarnation(),
            command.directoryId(),
            command.endpoints(),
            false,
            false,
            command.version()));
    update(edit, id, (p, minIsr) -> p);
    return registered(index, index);
  }

  private static Accepted registered(long index, long brokerEpoch) {
    return new Accepted(index, brokerEpoch, -1, List.of());
  }

  private CommandResult fence(ClusterImage.Editor edit, long index, FenceBroker command) {
    BrokerRegistration broker = image.broker(command.brokerId());
    if (broker == null || broker.epoch() != command.brokerEpoch()) {
      return stale(index, command.brokerId(), command.brokerEpoch());
    }
    edit.put(broker.asFenced());
    leave(edit, broker.id());
    return Accepted.at(index);
  }

  /** Takes a fenced broker out of every in-sync set, and its leaderships from it. */
  private void leave(ClusterImage.Editor edit, int id) {
    update(edit, id, (p, minIsr) -> IsrRules.drop(IsrRules.forgetReport(p, id), id, minIsr));
  }

  private CommandResult stop(ClusterImage.Editor edit, long index, StopBroker command) {
    int id = command.brokerId();
    if (!image.isActive(id, command.brokerEpoch())) {
      return stale(index, id, command.brokerEpoch());
    }
    edit.put(image.broker(id).asStopping());
    update(
        edit,
        id,
        (p, minIsr) ->
            p.isr().stream().anyMatch(member -> electable(edit, member))
                ? IsrRules.drop(p, id, minIsr)
                : p);
    return Accepted.at(index);
  }

  private CommandResult create(ClusterImage.Editor edit, long index, CreateTopic command) {
    Optional<Rejected> rejected = TopicRules.check(index, command, image);
    if (rejected.isPresent()) {
      return rejected.get();
    }
    List<PartitionImage> partitions = new ArrayList<>();
    for (List<Integer> replicas : command.assignments()) {
      partitions.add(PartitionImage.created(partitions.size(), replicas));
    }
    edit.put(new TopicImage(command.name(), command.topicId(), command.configs(), partitions));
    return Accepted.at(index);
  }

  private CommandResult delete(ClusterImage.Editor edit, long index, DeleteTopic command) {
    TopicImage topic = image.topic(command.topicId());
    if (topic == null) {
      return unknownTopic(index, command.topicId());
    }
    TreeSet<Integer> replicas = new TreeSet<>();
    topic.partitions().forEach(p -> replicas.addAll(p.replicas()));
    edit.remove(topic);
    edit.put(new DeletedTopic(topic.id(), topic.name(), List.copyOf(replicas)));
    return Accepted.at(index);
  }

  private CommandResult confirmRemoval(
      ClusterImage.Editor edit, long index, ConfirmRemoval command) {
    if (!image.isActive(command.brokerId(), command.brokerEpoch())) {
      return stale(index, command.brokerId(), command.brokerEpoch());
    }
    for (UUID id : command.topicIds()) {
      DeletedTopic deleted = image.deletedTopic(id);
      if (deleted != null) {
        edit.put(deleted.confirmedBy(command.brokerId()));
      }
    }
    return Accepted.at(index);
  }

  private CommandResult alterIsr(ClusterImage.Editor edit, long index, AlterIsr command) {
    List<IsrRefusal> refusals = new ArrayList<>();
    for (AlterIsr.Change change : command.changes()) {
      TopicImage topic = edit.topic(change.topicId());
      Optional<IsrRefusal> refusal = IsrChangeCheck.refusal(change, topic, image);
      if (refusal.isPresent()) {
        refusals.add(refusal.get());
        continue;
      }
      PartitionImage before = topic.partition(change.partition());
      List<Integer> isr = change.isr().stream().map(AlterIsr.Member::brokerId).toList();
      PartitionImage after = IsrRules.replaceIsr(before, isr, topic.minInSyncReplicas(before));
      edit.put(topic.with(versioned(before, after)));
    }
    return new Accepted(index, -1, -1, refusals);
  }

  private CommandResult allocate(
      ClusterImage.Editor edit, long index, AllocateProducerIds command) {
    if (!image.isActive(command.brokerId(), command.brokerEpoch())) {
      return stale(index, command.brokerId(), command.brokerEpoch());
    }
    if (command.count() < 1 || command.count() > MAX_PRODUCER_ID_BLOCK) {
      return new Rejected(
          index,
          ErrorCode.INVALID_REQUEST,
          "a block has 1 to " + MAX_PRODUCER_ID_BLOCK + " ids, not " + command.count());
    }
    long first = image.nextProducerId();
    edit.setNextProducerId(first + command.count());
    return new Accepted(index, -1, first, List.of());
  }

  private CommandResult report(ClusterImage.Editor edit, long index, ReportLogEnds command) {
    int id = command.brokerId();
    if (!image.isActive(id, command.brokerEpoch())) {
      return stale(index, id, command.brokerEpoch());
    }
    for (ReportLogEnds.Report report : command.reports()) {
      TopicImage topic = edit.topic(report.topicId());
      PartitionImage before = topic == null ? null : topic.partition(report.partition());
      if (before == null || !before.awaitsReportOf(id)) {
        continue;
      }
      List<ReportedEnd> ends = new ArrayList<>(before.reportedEnds());
      ends.add(new ReportedEnd(id, report.lastEpoch(), report.logEndOffset()));
      PartitionImage after =
          LeaderElection.elect(
              IsrRules.withReports(before, ends),
              broker -> electable(edit, broker),
              topic.minInSyncReplicas(before));
      edit.put(topic.with(versioned(before, after)));
    }
    return Accepted.at(index);
  }

  private CommandResult electLongest(ClusterImage.Editor edit, long index, ElectLongest command) {
    TopicImage topic = image.topic(command.topicId());
    PartitionImage before = topic == null ? null : topic.partition(command.partition());
    if (before == null) {
      return unknownTopic(index, command.topicId());
    }
    if (!before.awaitsLongest() || before.leaderEpoch() != command.leaderEpoch()) {
      return new Rejected(
          index, ErrorCode.INVALID_UPDATE_VERSION, "the partition waits for nobody any more");
    }
    int minIsr = topic.minInSyncReplicas(before);
    long reports =
        before.reportedEnds().stream().filter(end -> electable(edit, end.brokerId())).count();
    if (reports < minIsr) {
      return new Rejected(
          index,
          ErrorCode.NOT_ENOUGH_REPLICAS,
          "ISR-4: " + reports + " of the " + minIsr + " reports needed are there");
    }
    PartitionImage after =
        LeaderElection.electLongest(before, broker -> electable(edit, broker), minIsr);
    edit.put(topic.with(versioned(before, after)));
    return Accepted.at(index);
  }

  private interface Change {
    PartitionImage of(PartitionImage partition, int minIsr);
  }

  /** Changes all partitions that a broker is a replica of, then settles their leadership. */
  private void update(ClusterImage.Editor edit, int brokerId, Change change) {
    for (TopicImage topic : List.copyOf(edit.topics())) {
      List<PartitionImage> partitions = new ArrayList<>(topic.partitions());
      boolean changed = false;
      for (PartitionImage before : topic.partitions()) {
        if (!before.replicas().contains(brokerId)) {
          continue;
        }
        int minIsr = topic.minInSyncReplicas(before);
        PartitionImage after =
            LeaderElection.elect(
                change.of(before, minIsr), broker -> electable(edit, broker), minIsr);
        if (!after.equals(before)) {
          // One entry, one version: counted from the image that the entry found.
          PartitionImage found = image.topic(topic.id()).partition(before.partition());
          partitions.set(before.partition(), versioned(found, after));
          changed = true;
        }
      }
      if (changed) {
        edit.put(new TopicImage(topic.name(), topic.id(), topic.configs(), partitions));
      }
    }
  }

  private static boolean electable(ClusterImage.Editor edit, int brokerId) {
    BrokerRegistration broker = edit.broker(brokerId);
    return broker != null && broker.electable();
  }

  private static PartitionImage versioned(PartitionImage before, PartitionImage after) {
    return new PartitionImage(
        after.partition(),
        after.replicas(),
        after.isr(),
        after.elr(),
        after.uncleanCandidates(),
        after.reportedEnds(),
        after.leader(),
        after.leaderEpoch(),
        before.partitionEpoch() + 1);
  }

  private Rejected stale(long index, int brokerId, long brokerEpoch) {
    BrokerRegistration broker = image.broker(brokerId);
    String now =
        broker == null
            ? "never registered"
            : "in epoch " + broker.epoch() + (broker.fenced() ? " and fenced" : "");
    return new Rejected(
        index,
        ErrorCode.STALE_BROKER_EPOCH,
        "broker " + brokerId + " in epoch " + brokerEpoch + " is " + now);
  }

  private static Rejected unknownTopic(long index, UUID topicId) {
    return new Rejected(index, ErrorCode.UNKNOWN_TOPIC_ID, "no topic has the id " + topicId);
  }
}
