package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.FeatureRules;
import io.highwater.replication.control.MetadataCommand.UpdateFeatures;
import io.highwater.server.partition.TopicCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Brings levels of features in force. On the owner loop. */
public final class FeatureAdmin {
  /** A level that changes. */
  public record Update(String feature, int fromLevel, int level) {}

  private final TopicCatalog catalog;
  private final MetadataCommands commands;
  private final Supplier<Set<Integer>> controllers;

  /**
   * @param controllers node ids of the quorum's members
   */
  public FeatureAdmin(
      TopicCatalog catalog, MetadataCommands commands, Supplier<Set<Integer>> controllers) {
    this.catalog = catalog;
    this.commands = commands;
    this.controllers = controllers;
  }

  /**
   * Brings levels in force.
   *
   * @param levels by feature; none: the highest that all brokers speak
   * @param dryRun only says what would change
   * @return completes on the loop when they are; fails with FEATURE_UPDATE_FAILED
   */
  public CompletableFuture<List<Update>> update(Map<String, Integer> levels, boolean dryRun) {
    ClusterImage image = catalog.image();
    Map<String, Integer> wanted = levels.isEmpty() ? FeatureRules.highest(image) : levels;
    Optional<String> problem = unregistered(image).or(() -> FeatureRules.problem(image, wanted));
    if (problem.isPresent()) {
      throw new HighwaterException(ErrorCode.FEATURE_UPDATE_FAILED, problem.get());
    }
    List<Update> updates = new ArrayList<>();
    new TreeMap<>(wanted)
        .forEach(
            (feature, level) -> {
              int present = image.level(feature);
              if (level != present) {
                updates.add(new Update(feature, present, level));
              }
            });
    return dryRun || updates.isEmpty()
        ? CompletableFuture.completedFuture(updates)
        : commands.submit(new UpdateFeatures(wanted)).thenApply(accepted -> updates);
  }

  /** A member of the quorum that never was a broker told nobody what it speaks. */
  private Optional<String> unregistered(ClusterImage image) {
    return controllers.get().stream()
        .filter(id -> image.broker(id) == null)
        .findFirst()
        .map(id -> "controller " + id + " never registered: start it, or remove it");
  }
}
