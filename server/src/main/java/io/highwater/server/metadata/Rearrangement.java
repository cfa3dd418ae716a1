package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.control.BalancePlan;
import io.highwater.replication.control.DrainPlan;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.MetadataCommand.AlterReassignments;
import io.highwater.replication.control.MetadataCommand.DrainBroker;
import io.highwater.replication.control.MetadataCommand.ElectLeaders;
import io.highwater.replication.control.PlannedMove;
import io.highwater.server.partition.TopicCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Moves many replicas by a plan: off a broker, or until brokers are even. What is accepted goes on
 * by itself. On the owner loop; futures complete there.
 */
public final class Rearrangement {
  /** So many partitions begin to move with one entry of the metadata log. */
  private static final int MOVES_PER_COMMAND = 1_000;

  private final TopicCatalog catalog;
  private final MetadataCommands commands;

  /** Plans by this catalog. */
  public Rearrangement(TopicCatalog catalog, MetadataCommands commands) {
    this.catalog = catalog;
    this.commands = commands;
  }

  /**
   * Moves leaderships, then replicas off a broker, which is given none from now on. Called again,
   * it moves what is there still.
   *
   * @param dryRun only says what would move
   * @return fails with a HighwaterException, BROKER_ID_NOT_REGISTERED when there is no such broker
   */
  public CompletableFuture<DrainPlan> drain(int brokerId, boolean dryRun) {
    if (catalog.image().broker(brokerId) == null) {
      return CompletableFuture.failedFuture(
          new HighwaterException(
              ErrorCode.BROKER_ID_NOT_REGISTERED, "broker " + brokerId + " is not registered"));
    }
    if (dryRun) {
      return CompletableFuture.completedFuture(DrainPlan.of(catalog.image(), brokerId));
    }
    return commands
        .submit(new DrainBroker(brokerId, true))
        .thenCompose(
            draining -> {
              DrainPlan plan = DrainPlan.of(catalog.image(), brokerId);
              return MetadataCommands.rest(move(plan.moves())).thenApply(moved -> plan);
            });
  }

  /** Lets a broker have replicas and leaderships again. */
  public CompletableFuture<DrainPlan> undoDrain(int brokerId) {
    return commands
        .submit(new DrainBroker(brokerId, false))
        .thenApply(done -> new DrainPlan(List.of(), List.of()));
  }

  /**
   * Evens out replicas and leaders.
   *
   * @param dryRun only says what would move
   */
  public CompletableFuture<List<PlannedMove>> rebalance(boolean dryRun) {
    List<PlannedMove> moves = BalancePlan.of(catalog.image());
    return dryRun
        ? CompletableFuture.completedFuture(moves)
        : move(moves)
            .thenCompose(moved -> MetadataCommands.rest(electPreferred(moves)))
            .thenApply(elected -> moves);
  }

  private CompletableFuture<Void> electPreferred(List<PlannedMove> moves) {
    List<TopicIdPartition> reordered =
        moves.stream().filter(PlannedMove::movesNoData).map(PlannedMove::partition).toList();
    return reordered.isEmpty() ? done() : submit(new ElectLeaders(reordered));
  }

  private CompletableFuture<Void> move(List<PlannedMove> moves) {
    CompletableFuture<Void> all = done();
    for (int from = 0; from < moves.size(); from += MOVES_PER_COMMAND) {
      List<AlterReassignments.Target> targets = new ArrayList<>();
      for (PlannedMove move :
          moves.subList(from, Math.min(moves.size(), from + MOVES_PER_COMMAND))) {
        targets.add(new AlterReassignments.Target(move.partition(), move.to()));
      }
      AlterReassignments step = new AlterReassignments(targets);
      all =
          from == 0 ? submit(step) : all.thenCompose(before -> MetadataCommands.rest(submit(step)));
    }
    return all;
  }

  private CompletableFuture<Void> submit(MetadataCommand command) {
    return commands.submit(command).thenAccept(accepted -> {});
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }
}
