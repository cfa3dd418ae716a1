package io.highwater.server.sim;

import io.highwater.client.BrokerChannel;
import io.highwater.client.ClusterDescription;
import io.highwater.client.ControllerDescription;
import io.highwater.client.DeletedRecords;
import io.highwater.client.DrainProgress;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetQuery;
import io.highwater.client.PartitionOutcome;
import io.highwater.client.QuorumChange;
import io.highwater.client.QuorumDescription;
import io.highwater.client.RecordDeletion;
import io.highwater.client.ReplicaLag;
import io.highwater.client.ReplicaMove;
import io.highwater.client.TopicAlteration;
import io.highwater.client.TopicDescription;
import io.highwater.proto.TopicPartition;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A connection of producers and consumers, who ask for nothing else. */
abstract class DataChannel implements BrokerChannel {
  private static <T> CompletableFuture<T> unasked() {
    throw new UnsupportedOperationException("neither producers nor consumers ask for this");
  }

  @Override
  public CompletableFuture<ClusterDescription> describeCluster(long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<TopicDescription> createTopic(NewTopic topic, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<TopicDescription> alterTopic(
      TopicAlteration alteration, boolean dryRun, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<TopicDescription> addPartitions(
      String name, int partitions, boolean dryRun, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> electLeaders(
      boolean unclean, List<TopicPartition> partitions, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<List<PartitionOutcome>> reassign(
      List<ReplicaMove> moves, boolean cancel, boolean dryRun, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<LeaderAnswer<List<ReplicaLag>>> describeReplicas(
      TopicPartition partition, int leaderEpoch, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<DrainProgress> drainBroker(
      int nodeId, boolean undo, boolean dryRun, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<List<ReplicaMove>> rebalance(boolean dryRun, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<Void> unregisterBroker(int nodeId, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<QuorumDescription> describeQuorum(long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<UUID> deleteTopic(String name, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<List<ControllerDescription>> changeQuorum(
      QuorumChange change, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs) {
    return unasked();
  }

  @Override
  public CompletableFuture<LeaderAnswer<DeletedRecords>> deleteRecords(
      RecordDeletion deletion, long timeoutMs) {
    return unasked();
  }
}
