package io.highwater.perf;

import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerDescription;
import io.highwater.client.NewTopic;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetSpec;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.client.admin.Admin;
import io.highwater.perf.load.ListeningProcesses;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The cluster that a load is put on: its brokers, and the topic as the load needs it. */
final class LoadedCluster {
  private final Admin admin;

  LoadedCluster(Admin admin) {
    this.admin = admin;
  }

  /**
   * A broker.
   *
   * @param nodeId its number
   * @param address where it serves clients
   * @param pid its process, or null when it is not on this machine or not ours to look at
   */
  record Broker(int nodeId, String address, Long pid) {}

  /**
   * The brokers, with the processes of those on this machine.
   *
   * @throws HighwaterException BROKER_NOT_AVAILABLE when no address answers
   */
  List<Broker> brokers() {
    ListeningProcesses processes = new ListeningProcesses();
    List<Broker> brokers = new ArrayList<>();
    for (BrokerDescription broker : admin.describeCluster().brokers()) {
      OptionalLong pid =
          isLoopback(broker.address())
              ? processes.pidOn(broker.address().port())
              : OptionalLong.empty();
      brokers.add(
          new Broker(
              broker.nodeId(),
              broker.address().toString(),
              pid.isPresent() ? pid.getAsLong() : null));
    }
    return brokers;
  }

  /**
   * The topic, created when it is not there.
   *
   * @param partitions how many it must have, or null when that does not matter
   * @param replicationFactor of a topic that is created, or 0 for the broker's default
   * @throws HighwaterException INVALID_PARTITIONS when it is there with other partitions
   */
  TopicDescription topicWith(String name, Integer partitions, int replicationFactor) {
    TopicListing listing = admin.describeTopics(List.of(name));
    if (listing.topics().isEmpty()) {
      return admin.createTopic(
          NewTopic.of(
              name,
              partitions == null ? SendOptions.DEFAULT_PARTITIONS : partitions,
              replicationFactor));
    }
    TopicDescription topic = listing.topics().get(0);
    if (partitions != null && topic.partitions().size() != partitions) {
      throw new HighwaterException(
          ErrorCode.INVALID_PARTITIONS,
          "topic '%s' is there with %d partitions, not %d"
              .formatted(name, topic.partitions().size(), partitions));
    }
    return topic;
  }

  /**
   * How many offsets a topic has from its beginning to its high watermarks.
   *
   * @throws HighwaterException UNKNOWN_TOPIC_OR_PARTITION when there is none
   */
  long recordsOf(String topic) {
    Map<TopicPartition, OffsetSpec> earliest = new LinkedHashMap<>();
    Map<TopicPartition, OffsetSpec> latest = new LinkedHashMap<>();
    admin
        .describeTopic(topic)
        .partitions()
        .forEach(
            partition -> {
              TopicPartition id = new TopicPartition(topic, partition.partition());
              earliest.put(id, OffsetSpec.EARLIEST);
              latest.put(id, OffsetSpec.LATEST);
            });
    return sum(admin.listOffsets(latest)) - sum(admin.listOffsets(earliest));
  }

  private static long sum(Map<TopicPartition, OffsetListing> offsets) {
    return offsets.values().stream().mapToLong(OffsetListing::offset).sum();
  }

  private static boolean isLoopback(BrokerAddress address) {
    try {
      return InetAddress.getByName(address.host()).isLoopbackAddress();
    } catch (UnknownHostException elsewhere) {
      return false;
    }
  }
}
