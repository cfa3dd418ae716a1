package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.ClusterState;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.CommandResult.PartitionRefusal;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AcknowledgeLosses;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.MetadataCommand.ElectUnclean;
import io.highwater.replication.control.PartitionImage;
import io.highwater.replication.control.RecordLoss;
import io.highwater.replication.control.TopicImage;
import io.highwater.server.partition.TopicCatalog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Who leads partitions and where they are, as an operator wants it. On the owner loop; futures
 * complete there.
 */
public final class PartitionAdmin {
  /** What became of one partition; {@link ErrorCode#NONE} when it was done. */
  public record Outcome(TopicPartition partition, ErrorCode error, String text) {}

  private final TopicCatalog catalog;
  private final MetadataCommands commands;

  /** Changes what this catalog shows. */
  public PartitionAdmin(TopicCatalog catalog, MetadataCommands commands) {
    this.catalog = catalog;
    this.commands = commands;
  }

  /**
   * Makes preferred leaders lead.
   *
   * @param partitions none for all that another one leads
   */
  public CompletableFuture<List<Outcome>> electPreferred(List<TopicPartition> partitions) {
    return apply(
        partitions.isEmpty()
            ? all(partition -> partition.leader() != partition.replicas().get(0))
            : partitions,
        ids -> new ElectLeaders(List.copyOf(ids.values())),
        false);
  }

  /**
   * Has partitions led that nobody can lead without losing records.
   *
   * @param partitions none for all that have no leader
   */
  public CompletableFuture<List<Outcome>> electUnclean(List<TopicPartition> partitions) {
    return apply(
        partitions.isEmpty() ? all(partition -> !partition.hasLeader()) : partitions,
        ids -> new ElectUnclean(List.copyOf(ids.values())),
        false);
  }

  /**
   * Writes down that an operator knows of the losses on record.
   *
   * @param partitions none for all that have one of which none knows
   * @param dryRun only says what would become of it
   */
  public CompletableFuture<List<Outcome>> acknowledgeLosses(
      List<TopicPartition> partitions, boolean dryRun) {
    return apply(
        partitions.isEmpty()
            ? all(partition -> partition.losses().stream().anyMatch(RecordLoss::isOpen))
            : partitions,
        ids -> new AcknowledgeLosses(List.copyOf(ids.values())),
        dryRun);
  }

  /**
   * Moves partitions to other replicas, or calls that off.
   *
   * @param targets replicas by partition, the preferred leader first; none: called off
   * @param dryRun only says what would become of it
   */
  public CompletableFuture<List<Outcome>> reassign(
      Map<TopicPartition, List<Integer>> targets, boolean dryRun) {
    return apply(
        List.copyOf(targets.keySet()),
        ids -> {
          List<AlterReassignments.Target> changes = new ArrayList<>();
          ids.forEach(
              (name, id) -> changes.add(new AlterReassignments.Target(id, targets.get(name))));
          return new AlterReassignments(changes);
        },
        dryRun);
  }

  private List<TopicPartition> all(Predicate<PartitionImage> which) {
    List<TopicPartition> found = new ArrayList<>();
    for (TopicImage topic : catalog.image().topics()) {
      for (PartitionImage partition : topic.partitions()) {
        if (which.test(partition)) {
          found.add(new TopicPartition(topic.name(), partition.partition()));
        }
      }
    }
    return found;
  }

  /** One command for the partitions that exist; an outcome for each that was named, in order. */
  private CompletableFuture<List<Outcome>> apply(
      List<TopicPartition> partitions,
      Function<Map<TopicPartition, TopicIdPartition>, MetadataCommand> command,
      boolean dryRun) {
    Map<TopicPartition, Outcome> outcomes = new LinkedHashMap<>();
    Map<TopicPartition, TopicIdPartition> known = new LinkedHashMap<>();
    for (TopicPartition name : partitions) {
      try {
        known.put(name, catalog.partition(null, name.topic(), name.partition()));
        outcomes.put(name, new Outcome(name, ErrorCode.NONE, ""));
      } catch (HighwaterException e) {
        outcomes.put(name, new Outcome(name, e.code(), e.getMessage()));
      }
    }
    if (known.isEmpty()) {
      return CompletableFuture.completedFuture(List.copyOf(outcomes.values()));
    }
    return (dryRun ? rehearse(command.apply(known)) : commands.submit(command.apply(known)))
        .thenApply(
            accepted -> {
              refuse(accepted, known, outcomes);
              return List.copyOf(outcomes.values());
            });
  }

  /** What the metadata log would say now: folded into a state that nobody sees. */
  private CompletableFuture<Accepted> rehearse(MetadataCommand command) {
    ClusterImage image = catalog.image();
    try {
      return CompletableFuture.completedFuture(
          new ClusterState(image).apply(image.index() + 1, command).orThrow());
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void refuse(
      Accepted accepted,
      Map<TopicPartition, TopicIdPartition> known,
      Map<TopicPartition, Outcome> outcomes) {
    Map<TopicIdPartition, PartitionRefusal> refusals = new HashMap<>();
    for (PartitionRefusal refusal : accepted.refusals()) {
      refusals.put(new TopicIdPartition(refusal.topicId(), refusal.partition()), refusal);
    }
    known.forEach(
        (name, id) -> {
          PartitionRefusal refusal = refusals.get(id);
          if (refusal != null) {
            outcomes.put(name, new Outcome(name, refusal.error(), refusal.text()));
          }
        });
  }
}
