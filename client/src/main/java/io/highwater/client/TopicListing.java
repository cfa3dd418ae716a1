package io.highwater.client;

import java.util.List;

/**
 * Topics and the brokers they live on, from one image of the cluster.
 *
 * @param topics those found, by name
 * @param unknownTopics names asked for that do not exist
 * @param brokers the registered brokers
 * @param metadataOffset version of the image that this comes from
 * @param clusterId whose image it is; empty when that was not told
 */
public record TopicListing(
    List<TopicDescription> topics,
    List<String> unknownTopics,
    List<BrokerDescription> brokers,
    long metadataOffset,
    String clusterId) {
  public TopicListing {
    topics = List.copyOf(topics);
    unknownTopics = List.copyOf(unknownTopics);
    brokers = List.copyOf(brokers);
  }
}
