package io.highwater.client;

import io.highwater.proto.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The calls that administer a cluster, over one connection to one broker. Called on the client's
 * loop and answered there, as {@link BrokerChannel}.
 */
public interface AdminCalls {
  /** Creates a topic. */
  CompletableFuture<TopicDescription> createTopic(NewTopic topic, long timeoutMs);

  /**
   * Changes a topic's settings.
   *
   * @param dryRun only says what they would be
   */
  CompletableFuture<TopicDescription> alterTopic(
      TopicAlteration alteration, boolean dryRun, long timeoutMs);

  /**
   * Gives a topic more partitions.
   *
   * @param partitions how many it has then
   * @param dryRun only says where they would go
   */
  CompletableFuture<TopicDescription> addPartitions(
      String name, int partitions, boolean dryRun, long timeoutMs);

  /**
   * Makes preferred leaders lead.
   *
   * @param unclean has partitions led instead that nobody can lead without losing records
   * @param partitions none for all that need it
   */
  CompletableFuture<List<PartitionOutcome>> electLeaders(
      boolean unclean, List<TopicPartition> partitions, long timeoutMs);

  /**
   * Writes down that an operator knows of the losses on record.
   *
   * @param partitions none for all that have one of which none knows
   * @param dryRun only says what would become of it
   */
  CompletableFuture<List<PartitionOutcome>> acknowledgeLosses(
      List<TopicPartition> partitions, boolean dryRun, long timeoutMs);

  /**
   * Moves partitions to other replicas.
   *
   * @param cancel calls off what is under way for them instead
   * @param dryRun only says what would become of it
   */
  CompletableFuture<List<PartitionOutcome>> reassign(
      List<ReplicaMove> moves, boolean cancel, boolean dryRun, long timeoutMs);

  /** How far the replicas of a partition are that the broker leads. */
  CompletableFuture<LeaderAnswer<List<ReplicaLag>>> describeReplicas(
      TopicPartition partition, int leaderEpoch, long timeoutMs);

  /**
   * Compares a range of what the replicas of a partition hold that the broker leads.
   *
   * @param fromOffset where to begin
   * @param repair whether the leader's content counts where no majority tells
   */
  CompletableFuture<LeaderAnswer<VerifiedRange>> verifyReplicas(
      TopicPartition partition, int leaderEpoch, long fromOffset, boolean repair, long timeoutMs);

  /**
   * Moves leaderships and replicas off a broker.
   *
   * @param undo lets it have some again instead
   */
  CompletableFuture<DrainProgress> drainBroker(
      int nodeId, boolean undo, boolean dryRun, long timeoutMs);

  /** Has the broker, the active controller, forget another one that is gone for good. */
  CompletableFuture<Void> unregisterBroker(int nodeId, long timeoutMs);

  /**
   * Brings levels of features in force.
   *
   * @param levels by feature; none: the highest that all brokers speak
   */
  CompletableFuture<List<FeatureUpdate>> updateFeatures(
      Map<String, Integer> levels, boolean dryRun, long timeoutMs);

  /** Evens out replicas and leaders. */
  CompletableFuture<List<ReplicaMove>> rebalance(boolean dryRun, long timeoutMs);

  /** Deletes a topic; answers its id. */
  CompletableFuture<UUID> deleteTopic(String name, long timeoutMs);

  /** The metadata quorum as the broker, the active controller, knows it. */
  CompletableFuture<QuorumDescription> describeQuorum(long timeoutMs);

  /**
   * Has the broker, the active controller, add a broker to the quorum or remove one.
   *
   * @return the controllers then
   */
  CompletableFuture<List<ControllerDescription>> changeQuorum(QuorumChange change, long timeoutMs);

  /** Deletes the oldest records of a partition that the broker leads. */
  CompletableFuture<LeaderAnswer<DeletedRecords>> deleteRecords(
      RecordDeletion deletion, long timeoutMs);
}
