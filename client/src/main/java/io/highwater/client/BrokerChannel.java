package io.highwater.client;

import java.util.Collection;
import java.util.List;
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

  /** Looks up offsets of partitions that the broker leads; answers in the order asked. */
  CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs);

  /** A new producer id. */
  CompletableFuture<ProducerIdentity> initProducerId(long timeoutMs);

  /** Opens a stream of batches to the broker. The listener is not called before this returns. */
  ProduceStream openProduce(ProduceStream.Listener listener);

  /** Opens a stream of batches from the broker. The listener is not called before this returns. */
  FetchStream openFetch(FetchStream.Listener listener);

  /** The calls that administer the cluster, over the same connection. */
  AdminCalls admin();

  /** Closes the connection and all on it. */
  void close();
}
