package io.highwater.client.admin;

import io.highwater.client.ClusterDescription;
import io.highwater.client.ConnectionConfig;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetSpec;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.proto.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Looks at a cluster and changes its topics. Calls block at most the API timeout, try brokers in
 * turn, and throw {@link io.highwater.proto.HighwaterException}: BROKER_NOT_AVAILABLE, quickly,
 * when no address answers. Safe for any number of threads.
 */
@SuppressWarnings("DoNotCallSuggester") // Bodies land next.
public final class Admin implements AutoCloseable {
  private Admin() {}

  /** Settings to build one from. */
  public static AdminBuilder builder() {
    return new AdminBuilder();
  }

  static Admin open(ConnectionConfig config) {
    throw new UnsupportedOperationException("lands next: " + config);
  }

  /** The brokers, the controller and the cluster's id. */
  public ClusterDescription describeCluster() {
    throw new UnsupportedOperationException("lands next");
  }

  /** The names of all topics, sorted. */
  public List<String> listTopics() {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Topics by name, with the brokers.
   *
   * @param names none for all topics
   * @return names that do not exist are in {@link TopicListing#unknownTopics()}
   */
  public TopicListing describeTopics(Collection<String> names) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * One topic.
   *
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public TopicDescription describeTopic(String name) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Creates a topic.
   *
   * @return the topic; the partitions' leaders may still be elected
   * @throws io.highwater.proto.HighwaterException TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION,
   *     INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR or INVALID_CONFIG
   */
  public TopicDescription createTopic(NewTopic topic) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Deletes a topic and all its records.
   *
   * @return its id
   * @throws io.highwater.proto.HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  public UUID deleteTopic(String name) {
    throw new UnsupportedOperationException("lands next");
  }

  /**
   * Offsets of partitions, asked of their leaders.
   *
   * @param queries which offset of which partition
   * @return an answer for each
   */
  public Map<TopicPartition, OffsetListing> listOffsets(Map<TopicPartition, OffsetSpec> queries) {
    throw new UnsupportedOperationException("lands next");
  }

  /** Lets go of the connections. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("lands next");
  }
}
