package io.highwater.client;

import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * One connection to one broker: the seam between the client and its transport. Everything here is
 * called on the client's loop and answers there; futures fail with {@link
 * io.highwater.proto.HighwaterException}. A connection that broke stays broken: make another.
 */
public interface BrokerChannel {
  /** The address that was given. */
  BrokerAddress address();

  /** False once the connection could not be made or broke. */
  boolean isUsable();

  /** The cluster as the broker sees it. */
  CompletableFuture<ClusterDescription> describeCluster(long timeoutMs);

  /**
   * Topics as the broker sees them.
   *
   * @param names none for all
   */
  CompletableFuture<TopicListing> describeTopics(Collection<String> names, long timeoutMs);

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
   * Moves leaderships and replicas off a broker.
   *
   * @param undo lets it have some again instead
   */
  CompletableFuture<DrainProgress> drainBroker(
      int nodeId, boolean undo, boolean dryRun, long timeoutMs);

  /** Has the broker, the active controller, forget another one that is gone for good. */
  CompletableFuture<Void> unregisterBroker(int nodeId, long timeoutMs);

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

  /** Looks up offsets of partitions that the broker leads; answers in the order asked. */
  CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs);

  /** Deletes the oldest records of a partition that the broker leads. */
  CompletableFuture<LeaderAnswer<DeletedRecords>> deleteRecords(
      RecordDeletion deletion, long timeoutMs);

  /** A new producer id. */
  CompletableFuture<ProducerIdentity> initProducerId(long timeoutMs);

  /** Opens a stream of batches to the broker. The listener is not called before this returns. */
  ProduceStream openProduce(ProduceStream.Listener listener);

  /** Opens a stream of batches from the broker. The listener is not called before this returns. */
  FetchStream openFetch(FetchStream.Listener listener);

  /** Closes the connection and all on it. */
  void close();
}
