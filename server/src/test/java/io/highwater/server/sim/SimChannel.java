package io.highwater.server.sim;

import io.highwater.client.AdminCalls;
import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerChannel;
import io.highwater.client.BrokerDescription;
import io.highwater.client.ClusterDescription;
import io.highwater.client.FetchStream;
import io.highwater.client.LeaderAnswer;
import io.highwater.client.LeaderHint;
import io.highwater.client.OffsetListing;
import io.highwater.client.OffsetQuery;
import io.highwater.client.PartitionDescription;
import io.highwater.client.ProduceStream;
import io.highwater.client.ProducerIdentity;
import io.highwater.client.TopicDescription;
import io.highwater.client.TopicListing;
import io.highwater.replication.control.ClusterImage;
import io.highwater.replication.control.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** One connection of a producer or a consumer to one broker. */
final class SimChannel implements BrokerChannel {
  private final Services services;
  private final Link link;
  private boolean closed;

  SimChannel(Services services, Link link) {
    this.services = services;
    this.link = link;
  }

  @Override
  public BrokerAddress address() {
    return SimRuntime.address(link.broker().id());
  }

  @Override
  public boolean isUsable() {
    return !closed && !link.isBroken();
  }

  private static UnsupportedOperationException unasked() {
    return new UnsupportedOperationException("neither producers nor consumers ask for this");
  }

  @Override
  public CompletableFuture<ClusterDescription> describeCluster(long timeoutMs) {
    throw unasked();
  }

  @Override
  public CompletableFuture<List<LeaderAnswer<OffsetListing>>> listOffsets(
      List<OffsetQuery> queries, long timeoutMs) {
    throw unasked();
  }

  @Override
  public AdminCalls admin() {
    throw unasked();
  }

  @Override
  public CompletableFuture<TopicListing> describeTopics(Collection<String> names, long timeoutMs) {
    List<String> asked = List.copyOf(names);
    return link.ask(
        "describe", timeoutMs, broker -> listing(services.of(broker).catalog().image(), asked));
  }

  private static TopicListing listing(ClusterImage image, List<String> names) {
    List<TopicDescription> topics = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      TopicImage topic = image.topic(name);
      if (topic == null) {
        unknown.add(name);
      } else {
        topics.add(description(topic));
      }
    }
    List<BrokerDescription> brokers =
        image.brokers().stream()
            .map(
                b ->
                    new BrokerDescription(
                        b.id(),
                        SimRuntime.address(b.id()),
                        b.epoch(),
                        b.fenced(),
                        b.version(),
                        b.rack(),
                        b.draining(),
                        new TreeMap<>()))
            .toList();
    return new TopicListing(topics, unknown, brokers, image.index(), image.clusterId());
  }

  private static TopicDescription description(TopicImage topic) {
    List<PartitionDescription> partitions =
        topic.partitions().stream()
            .map(
                p ->
                    new PartitionDescription(
                        p.partition(),
                        p.leader(),
                        p.leaderEpoch(),
                        p.replicas(),
                        p.isr(),
                        p.partitionEpoch(),
                        p.elr()))
            .toList();
    return new TopicDescription(topic.name(), topic.id(), partitions, topic.configs());
  }

  @Override
  public CompletableFuture<ProducerIdentity> initProducerId(long timeoutMs) {
    return link.ask(
        "producer-id",
        timeoutMs,
        broker -> new ProducerIdentity(services.cluster().clients().nextProcess(), (short) 0));
  }

  @Override
  public ProduceStream openProduce(ProduceStream.Listener listener) {
    return new SimProduceStream(services, link, listener);
  }

  @Override
  public FetchStream openFetch(FetchStream.Listener listener) {
    return new SimFetchStream(services, link, listener);
  }

  /** What a broker says of the leader, as a client reads it. */
  static LeaderHint hint(io.highwater.server.partition.LeaderHint leader) {
    return leader == null
        ? null
        : new LeaderHint(
            leader.nodeId(), SimRuntime.address(leader.nodeId()), leader.leaderEpoch());
  }

  @Override
  public void close() {
    closed = true;
  }
}
