package io.highwater.replication.control;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Elections that may lose committed records, because those who have them do not come back: by an
 * operator's word, or where the topic allows it. What may be lost is remembered (LEP-7). Pure.
 */
final class UncleanElection {
  private UncleanElection() {}

  static CommandResult apply(Entry entry, ElectUnclean command) {
    List<PartitionRefusal> refusals = new ArrayList<>();
    for (TopicIdPartition id : command.partitions()) {
      PartitionImage before = entry.partition(id);
      if (before == null) {
        refusals.add(entry.unknown(id));
      } else if (before.hasLeader()) {
        refusals.add(
            Entry.refused(
                id, ErrorCode.ELECTION_NOT_NEEDED, "broker " + before.leader() + " leads"));
      } else {
        Optional<PartitionImage> after = elect(before, entry.electableFor(id));
        if (after.isPresent()) {
          entry.put(entry.edit().topic(id.topicId()), after.get());
        } else {
          refusals.add(
              Entry.refused(
                  id,
                  ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
                  "no replica of " + before.replicas() + " is available and sound"));
        }
      }
    }
    return entry.accepted(refusals);
  }

  /**
   * The longest log that was reported wins; without a report the first replica that is there.
   * Whoever else had something has to follow now, so nobody is eligible beside the winner.
   */
  private static Optional<PartitionImage> elect(PartitionImage p, IntPredicate electable) {
    ReportedEnd longest = null;
    for (ReportedEnd end : p.reportedEnds()) {
      if (electable.test(end.brokerId()) && (longest == null || end.longerThan(longest))) {
        longest = end;
      }
    }
    int winner =
        longest != null
            ? longest.brokerId()
            : p.replicas().stream()
                .filter(electable::test)
                .findFirst()
                .orElse(PartitionImage.NO_LEADER);
    if (winner == PartitionImage.NO_LEADER) {
      return Optional.empty();
    }
    return Optional.of(
        p.withMembers(List.of(winner), List.of(), List.of(), List.of())
            .ledBy(winner)
            .withLoss(LossEstimate.unclean(p, longest)));
  }
}
