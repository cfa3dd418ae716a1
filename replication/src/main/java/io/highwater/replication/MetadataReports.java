package io.highwater.replication;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.LeftOut;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterIsr;
import io.highwater.replication.control.MetadataCommand.ReportMissing;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.core.IsrProposal;
import io.highwater.replication.core.ProposalOutcome;
import io.highwater.replication.leader.Leadership;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this broker tells the control plane about its partitions: in-sync sets that its leaders
 * propose, which deleted topics it is rid of (CTL-5), and what was found to be lost (LEP-7).
 * Proposals of one turn of the loop travel in one command. On the owner loop.
 */
final class MetadataReports {
  private static final Logger LOG = LoggerFactory.getLogger(MetadataReports.class);

  private record Proposed(Leadership leadership, IsrProposal proposal) {}

  private final int brokerId;
  private final OwnerLoop loop;
  private final NanoClock clock;
  private final MetadataLog metadata;
  private final Supplier<ClusterImage> image;
  private List<Proposed> proposed = new ArrayList<>();
  private final Set<TopicIdPartition> missing = new HashSet<>();
  private boolean removalsUnderWay;
  private boolean replicaRemovalsUnderWay;

  MetadataReports(
      int brokerId,
      OwnerLoop loop,
      NanoClock clock,
      MetadataLog metadata,
      Supplier<ClusterImage> image) {
    this.brokerId = brokerId;
    this.loop = loop;
    this.clock = clock;
    this.metadata = metadata;
    this.image = image;
  }

  void propose(Leadership leadership, IsrProposal proposal) {
    if (proposed.isEmpty()) {
      loop.execute(this::submitProposals);
    }
    proposed.add(new Proposed(leadership, proposal));
  }

  /** Confirms removals; whatever is not confirmed now is asked for again by the next call. */
  void confirmRemovals(long brokerEpoch, List<UUID> topicIds) {
    if (!removalsUnderWay && !topicIds.isEmpty()) {
      removalsUnderWay = true;
      submit(
          new MetadataCommand.ConfirmRemoval(brokerId, brokerEpoch, topicIds),
          (result, failure) -> removalsUnderWay = false);
    }
  }

  /** The same for partitions that moved away. */
  void confirmReplicaRemovals(long brokerEpoch, List<TopicIdPartition> partitions) {
    if (!replicaRemovalsUnderWay && !partitions.isEmpty()) {
      replicaRemovalsUnderWay = true;
      submit(
          new MetadataCommand.ConfirmReplicaRemoval(brokerId, brokerEpoch, partitions),
          (result, failure) -> replicaRemovalsUnderWay = false);
    }
  }

  /**
   * Whether the metadata tells that what was committed between two offsets is lost. What it does
   * not tell yet is reported now.
   */
  boolean isLossTold(Replica replica, long fromOffset, long endOffset) {
    TopicIdPartition id = replica.partition();
    PartitionImage known = image.get().partition(id);
    BrokerRegistration self = image.get().broker(brokerId);
    if (known == null || self == null) {
      return false;
    }
    boolean told = known.tellsOfLoss(fromOffset, endOffset);
    if (known.withMissing(fromOffset, endOffset).equals(known) || !missing.add(id)) {
      return told;
    }
    LOG.warn(
        "{}-{}: the leader of epoch {} lacks offsets {} to {}, which were committed",
        replica.topic(),
        id.partition(),
        replica.leaderEpoch(),
        fromOffset,
        endOffset);
    submit(
        new ReportMissing(brokerId, self.epoch(), id, replica.leaderEpoch(), fromOffset, endOffset),
        (result, failure) -> missing.remove(id));
    return told;
  }

  private void submitProposals() {
    List<Proposed> batch = proposed;
    proposed = new ArrayList<>();
    List<AlterIsr.Change> changes = new ArrayList<>(batch.size());
    for (Proposed each : batch) {
      changes.add(change(each.leadership().partition(), each.proposal()));
    }
    tellWhy(batch);
    submit(new AlterIsr(changes), (result, failure) -> settle(batch, result, failure));
  }

  /** One line for a whole turn of the loop, however many partitions it is about. */
  private void tellWhy(List<Proposed> batch) {
    long given = batch.stream().filter(each -> isWithoutLeader(each.proposal())).count();
    if (given > 0) {
      LOG.warn("broker {} gives up {} leaderships: its disk is full", brokerId, given);
    }
    Set<Integer> silent = new TreeSet<>();
    batch.forEach(each -> silent.addAll(each.proposal().silent()));
    if (!silent.isEmpty()) {
      LOG.warn("broker {} hears nothing of brokers {}, which follow it", brokerId, silent);
    }
  }

  private boolean isWithoutLeader(IsrProposal proposal) {
    return proposal.isr().stream().noneMatch(member -> member.brokerId() == brokerId);
  }

  private AlterIsr.Change change(TopicIdPartition partition, IsrProposal proposal) {
    List<AlterIsr.Member> members = new ArrayList<>(proposal.isr().size());
    for (IsrProposal.Member member : proposal.isr()) {
      members.add(new AlterIsr.Member(member.brokerId(), epochOf(member)));
    }
    return new AlterIsr.Change(
        partition.topicId(),
        partition.partition(),
        proposal.leaderEpoch(),
        proposal.partitionEpoch(),
        members,
        new LeftOut(proposal.silent(), proposal.full()));
  }

  private long epochOf(IsrProposal.Member member) {
    if (member.brokerEpoch() != IsrProposal.Member.EPOCH_AS_COMMITTED) {
      return member.brokerEpoch();
    }
    BrokerRegistration broker = image.get().broker(member.brokerId());
    return broker == null ? member.brokerEpoch() : broker.epoch();
  }

  private void settle(List<Proposed> batch, CommandResult result, Throwable failure) {
    Set<TopicIdPartition> refused = new HashSet<>();
    if (result instanceof CommandResult.Accepted accepted) {
      for (CommandResult.PartitionRefusal refusal : accepted.refusals()) {
        refused.add(new TopicIdPartition(refusal.topicId(), refusal.partition()));
      }
    }
    ProposalOutcome whole = outcomeOf(result, failure);
    long nowMs = TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
    for (Proposed each : batch) {
      boolean rejected = refused.contains(each.leadership().partition());
      each.leadership()
          .outcome(each.proposal(), rejected ? ProposalOutcome.REJECTED : whole, nowMs);
    }
  }

  private static ProposalOutcome outcomeOf(CommandResult result, Throwable failure) {
    if (result != null) {
      return result instanceof CommandResult.Accepted
          ? ProposalOutcome.ACCEPTED
          : ProposalOutcome.REJECTED;
    }
    return failure instanceof HighwaterException e && e.code() == ErrorCode.NOT_CONTROLLER
        ? ProposalOutcome.REJECTED
        : ProposalOutcome.UNKNOWN;
  }

  /** The result, or the failure, comes back to the loop. */
  private void submit(MetadataCommand command, BiConsumer<CommandResult, Throwable> whenDone) {
    metadata.submit(
        command, (result, failure) -> loop.execute(() -> whenDone.accept(result, cause(failure))));
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
