package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.ConfirmReplicaRemoval;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectLongest;
import io.highwater.replication.control.MetadataCommand.ReplicasOffline;
import io.highwater.replication.control.MetadataCommand.ReportLogEnds;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands about single partitions: in-sync sets, elections, reassignments. Pure. */
final class PartitionCommands {
  private PartitionCommands() {}

  static CommandResult apply(Entry entry, AlterIsr command) {
    List<PartitionRefusal> refusals = new ArrayList<>();
    for (AlterIsr.Change change : command.changes()) {
      TopicImage topic = entry.edit().topic(change.topicId());
      Optional<PartitionRefusal> refusal = IsrChangeCheck.refusal(change, topic, entry.found());
      if (refusal.isPresent()) {
        refusals.add(refusal.get());
        continue;
      }
      PartitionImage before = topic.partition(change.partition());
      TopicIdPartition id = topic.idOf(change.partition());
      ElectionTerms terms = entry.termsFor(topic, before);
      List<Integer> named = change.isr().stream().map(AlterIsr.Member::brokerId).toList();
      List<Integer> rest = withoutDeafLeader(before, named, change.leftOut().silent(), terms);
      List<Integer> isr = rest.isEmpty() ? named : rest;
      PartitionImage after = IsrRules.replaceIsr(before, isr, terms.minIsr());
      entry.put(
          topic,
          LeaderElection.elect(
              rest.isEmpty() ? after.withLeftOut(change.leftOut()) : after, terms));
      if (isr.contains(before.leader())) {
        // Its leader saw the whole log there.
        isr.forEach(member -> entry.backOnline(member, List.of(id)));
      }
    }
    return entry.accepted(refusals);
  }

  /**
   * A leader that hears so few that nothing can be committed any more, while enough other replicas
   * are alive, is the one that is cut off: those of them take over that are in sync, so that each
   * has all that is committed (ISR-6).
   *
   * @return who is in sync then; nobody when the leader stays
   */
  private static List<Integer> withoutDeafLeader(
      PartitionImage p, List<Integer> named, List<Integer> silent, ElectionTerms terms) {
    if (silent.isEmpty() || named.size() >= terms.minIsr()) {
      return List.of();
    }
    List<Integer> alive =
        p.replicas().stream().filter(id -> id != p.leader() && terms.electable().test(id)).toList();
    return alive.size() >= terms.minIsr()
        ? alive.stream().filter(p.isr()::contains).toList()
        : List.of();
  }

  static CommandResult apply(Entry entry, ReportLogEnds command) {
    int id = command.brokerId();
    if (!entry.found().isActive(id, command.brokerEpoch())) {
      return entry.stale(id, command.brokerEpoch());
    }
    for (ReportLogEnds.Report report : command.reports()) {
      TopicImage topic = entry.edit().topic(report.topicId());
      PartitionImage before = topic == null ? null : topic.partition(report.partition());
      if (before == null || !before.awaitsReportOf(id)) {
        continue;
      }
      List<ReportedEnd> ends = new ArrayList<>(before.reportedEnds());
      ends.add(
          new ReportedEnd(id, report.lastEpoch(), report.logEndOffset(), report.highWatermark()));
      boolean damaged = entry.edit().broker(id).offline().contains(topic.idOf(report.partition()));
      // Of others it is not sure that what they have seen committed was not lost on purpose since.
      CommittedEnd committed =
          damaged && before.uncleanCandidates().contains(id)
              ? before.knownCommitted().and(report.lastEpoch(), report.logEndOffset())
              : before.knownCommitted();
      entry.put(
          topic,
          LeaderElection.elect(before.withReports(ends, committed), entry.termsFor(topic, before)));
    }
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, ReportMissing command) {
    int id = command.brokerId();
    if (!entry.found().isActive(id, command.brokerEpoch())) {
      return entry.stale(id, command.brokerEpoch());
    }
    PartitionImage before = entry.partition(command.partition());
    if (before == null || !before.replicas().contains(id)) {
      return entry.unknownTopic(command.partition().topicId());
    }
    if (before.leaderEpoch() != command.leaderEpoch()
        || command.fromOffset() < 0
        || command.endOffset() <= command.fromOffset()) {
      return entry.rejected(
          ErrorCode.INVALID_UPDATE_VERSION,
          "the partition is in leader epoch " + before.leaderEpoch());
    }
    PartitionImage after = before.withMissing(command.fromOffset(), command.endOffset());
    if (!after.equals(before)) {
      if (!before.tellsOfLoss(command.fromOffset(), command.endOffset())) {
        entry.edit().count(RecordLoss.Cause.FOUND_MISSING);
      }
      entry.put(entry.edit().topic(command.partition().topicId()), after);
    }
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, AcknowledgeLosses command) {
    List<PartitionRefusal> refusals = new ArrayList<>();
    for (TopicIdPartition id : command.partitions()) {
      PartitionImage before = entry.partition(id);
      if (before == null) {
        refusals.add(entry.unknown(id));
      } else if (before.losses().stream().anyMatch(RecordLoss::isOpen)) {
        List<RecordLoss> known =
            before.losses().stream().map(RecordLoss::acknowledgedByOperator).toList();
        entry.put(entry.edit().topic(id.topicId()), before.withLosses(known));
      }
    }
    return entry.accepted(refusals);
  }

  static CommandResult apply(Entry entry, ElectLongest command) {
    TopicImage topic = entry.found().topic(command.topicId());
    PartitionImage before = topic == null ? null : topic.partition(command.partition());
    if (before == null) {
      return entry.unknownTopic(command.topicId());
    }
    if (!before.awaitsLongest() || before.leaderEpoch() != command.leaderEpoch()) {
      return entry.rejected(
          ErrorCode.INVALID_UPDATE_VERSION, "the partition waits for nobody any more");
    }
    ElectionTerms terms = entry.termsFor(topic, before);
    long reports = before.candidatesReported();
    if (reports < terms.minIsr()) {
      return entry.rejected(
          ErrorCode.NOT_ENOUGH_REPLICAS,
          "ISR-4: " + reports + " of the " + terms.minIsr() + " reports needed are there");
    }
    PartitionImage after = LeaderElection.electLongest(before, terms);
    if (!after.hasLeader()) {
      return entry.rejected(
          ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
          "ISR-4: no replica that may lead has all that another one knew of");
    }
    entry.put(topic, after);
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, ElectLeaders command) {
    List<PartitionRefusal> refusals = new ArrayList<>();
    for (TopicIdPartition id : command.partitions()) {
      PartitionImage before = entry.partition(id);
      if (before == null) {
        refusals.add(entry.unknown(id));
        continue;
      }
      int preferred = before.replicas().get(0);
      if (before.leader() == preferred) {
        refusals.add(
            Entry.refused(
                id, ErrorCode.ELECTION_NOT_NEEDED, "broker " + preferred + " leads already"));
      } else if (!before.isr().contains(preferred) || !entry.placeable(preferred)) {
        refusals.add(
            Entry.refused(
                id,
                ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE,
                "broker " + preferred + " is not in sync, or not available"));
      } else {
        entry.put(entry.edit().topic(id.topicId()), before.ledBy(preferred));
      }
    }
    return entry.accepted(refusals);
  }

  static CommandResult apply(Entry entry, AlterReassignments command) {
    List<PartitionRefusal> refusals = new ArrayList<>();
    for (AlterReassignments.Target target : command.targets()) {
      TopicIdPartition id = target.partition();
      PartitionImage before = entry.partition(id);
      if (before == null) {
        refusals.add(entry.unknown(id));
        continue;
      }
      TopicImage topic = entry.edit().topic(id.topicId());
      int minIsr = topic.minInSyncReplicas(before);
      try {
        PartitionImage after =
            target.replicas().isEmpty()
                ? ReassignmentRules.calledOff(before, minIsr)
                : ReassignmentRules.begun(before, target.replicas(), entry::placeable, minIsr);
        if (!after.equals(before)) {
          entry.put(topic, LeaderElection.elect(after, entry.termsFor(topic, before)));
        }
      } catch (HighwaterException e) {
        refusals.add(Entry.refused(id, e.code(), e.getMessage()));
      }
    }
    return entry.accepted(refusals);
  }

  static CommandResult apply(Entry entry, ConfirmReplicaRemoval command) {
    int broker = command.brokerId();
    if (!entry.found().isActive(broker, command.brokerEpoch())) {
      return entry.stale(broker, command.brokerEpoch());
    }
    for (TopicIdPartition id : command.partitions()) {
      PartitionImage before = entry.partition(id);
      if (before != null && before.moves().left().contains(broker)) {
        entry.put(
            entry.edit().topic(id.topicId()), before.withMoves(before.moves().confirmedBy(broker)));
      }
    }
    return entry.accepted();
  }

  static CommandResult apply(Entry entry, ReplicasOffline command) {
    int broker = command.brokerId();
    if (!entry.found().isActive(broker, command.brokerEpoch())) {
      return entry.stale(broker, command.brokerEpoch());
    }
    List<TopicIdPartition> replicas =
        command.replicas().stream()
            .filter(id -> entry.partition(id) != null)
            .filter(id -> entry.partition(id).replicas().contains(broker))
            .toList();
    entry.edit().put(entry.edit().broker(broker).withOffline(replicas));
    for (TopicIdPartition id : replicas) {
      TopicImage topic = entry.edit().topic(id.topicId());
      PartitionImage before = entry.partition(id);
      ElectionTerms terms = entry.termsFor(topic, before);
      PartitionImage silent = IsrRules.forgetReport(before, broker);
      PartitionImage after =
          command.absent()
              ? IsrRules.excludeIntact(silent, broker, terms.minIsr())
              : IsrRules.exclude(silent, broker, terms.minIsr());
      // Also where nothing changes: a proposal under way that names the replica is void by that.
      entry.put(topic, LeaderElection.elect(after, terms));
    }
    return entry.accepted();
  }
}
