package io.highwater.client.fake;

import com.google.protobuf.ByteString;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.BrokerInfo;
import io.highwater.proto.v1.DescribeTopicsResponse;
import io.highwater.proto.v1.LeaderHint;
import io.highwater.proto.v1.LogStatus;
import io.highwater.proto.v1.PartitionInfo;
import io.highwater.proto.v1.TopicInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** What the fake brokers share, and how a test makes them fail. All state under one lock. */
public final class FakeCluster implements AutoCloseable {
  final Map<String, FakeTopic> topics = new TreeMap<>();
  final ArrayDeque<ErrorCode> nextAckErrors = new ArrayDeque<>();
  private final Map<Integer, FakeBroker> brokers = new TreeMap<>();
  private final Random random;
  private long metadataOffset = 1;
  private long nextProducerId = 1000;

  int acksToLose;
  boolean silent;
  int hanging = -1;
  String clusterId = "fake";
  double dropRate;
  int maxBatchBytes = 1024 * 1024;
  long creditBytes = 256 * 1024;

  /** A topic's partitions. */
  static final class FakeTopic {
    final UUID topicId = UUID.randomUUID();
    final Map<String, String> configs = new HashMap<>();
    final List<FakePartition> partitions = new ArrayList<>();
  }

  /** Brokers numbered from 1, each on a free port of the loopback. */
  public FakeCluster(int brokerCount, long seed) {
    random = new Random(seed);
    for (int node = 1; node <= brokerCount; node++) {
      brokers.put(node, new FakeBroker(this, node, 0));
    }
  }

  /** All brokers' addresses. */
  public synchronized String bootstrap() {
    return brokers.values().stream()
        .map(broker -> "127.0.0.1:" + broker.port())
        .collect(Collectors.joining(","));
  }

  /** Partitions are led by the brokers in turn. */
  public synchronized void createTopic(String name, int partitions) {
    FakeTopic topic = new FakeTopic();
    List<Integer> nodes = new ArrayList<>(brokers.keySet());
    for (int i = 0; i < partitions; i++) {
      topic.partitions.add(new FakePartition(nodes.get(i % nodes.size())));
    }
    topics.put(name, topic);
    metadataOffset++;
  }

  /** Another cluster, younger and with another topic of the name, listens at the same addresses. */
  public synchronized void replace(String name) {
    clusterId = "another";
    metadataOffset = 0;
    topics.clear();
    createTopic(name, 1);
  }

  public synchronized void deleteTopic(String name) {
    topics.remove(name);
    metadataOffset++;
  }

  public synchronized void configure(String name, String key, String value) {
    topics.get(name).configs.put(key, value);
    metadataOffset++;
  }

  /** Another broker leads, in the next epoch. */
  public synchronized void moveLeader(TopicPartition partition, int node) {
    FakePartition log = partition(partition);
    log.leader = node;
    log.epoch++;
    metadataOffset++;
    brokers.values().forEach(FakeBroker::pumpFetches);
  }

  /** Nobody leads, in the next epoch, for a reason that the brokers tell. */
  public synchronized void leaderless(TopicPartition partition, String reason) {
    moveLeader(partition, -1);
    partition(partition).leaderlessReason = reason;
  }

  /** The next answers to batches, in order; nothing is appended for those. */
  public synchronized void failNextAcks(ErrorCode... errors) {
    nextAckErrors.addAll(List.of(errors));
  }

  /** How many of {@link #failNextAcks} are still to come. */
  public synchronized int failuresLeft() {
    return nextAckErrors.size();
  }

  /** The next batches are appended, but instead of their acks the stream breaks. */
  public synchronized void loseNextAcks(int count) {
    acksToLose = count;
  }

  /** Batches are appended and never answered. */
  public synchronized void silence(boolean on) {
    silent = on;
  }

  /** A broker keeps its connections, but tells nothing of metadata and fetches. */
  public synchronized void hang(int node) {
    hanging = node;
  }

  synchronized boolean hangs(int node) {
    return hanging == node;
  }

  /** How often a batch makes its stream break, before or after it was appended. */
  public synchronized void dropRate(double rate) {
    dropRate = rate;
  }

  public synchronized void maxBatchBytes(int bytes) {
    maxBatchBytes = bytes;
  }

  /** Every broker forgets what it knew of producers. */
  public synchronized void forgetProducers() {
    topics.values().forEach(topic -> topic.partitions.forEach(p -> p.producers.clear()));
  }

  /** Records below an offset are gone. */
  public synchronized void deleteBelow(TopicPartition partition, long offset) {
    FakePartition log = partition(partition);
    log.logStart = offset;
    log.batches.removeIf(batch -> FakePartition.nextOffset(batch) <= offset);
  }

  /** Flips one byte of every batch's records. */
  public synchronized void damage(TopicPartition partition) {
    for (ByteBuffer batch : partition(partition).batches) {
      int last = batch.limit() - 1;
      batch.put(last, (byte) ~batch.get(last));
    }
  }

  public synchronized void dropStreams() {
    brokers.values().forEach(FakeBroker::dropStreams);
  }

  /** A broker dies; what it led is led by another. */
  public void stop(int node) {
    FakeBroker dead;
    synchronized (this) {
      dead = brokers.remove(node);
      int other = brokers.isEmpty() ? -1 : brokers.keySet().iterator().next();
      for (FakeTopic topic : topics.values()) {
        for (FakePartition log : topic.partitions) {
          if (log.leader == node) {
            log.leader = other;
            log.epoch++;
          }
        }
      }
      metadataOffset++;
    }
    dead.close();
  }

  /** A broker comes (back) up. */
  public synchronized void start(int node, int port) {
    brokers.put(node, new FakeBroker(this, node, port));
    metadataOffset++;
  }

  /** The values of a partition's records. */
  public synchronized List<String> values(TopicPartition partition) {
    return partition(partition).values().stream()
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .toList();
  }

  public synchronized int batchCount(TopicPartition partition) {
    return partition(partition).batches.size();
  }

  @Override
  public void close() {
    List<FakeBroker> open;
    synchronized (this) {
      open = new ArrayList<>(brokers.values());
      brokers.clear();
    }
    open.forEach(FakeBroker::close);
  }

  double roll() {
    return random.nextDouble();
  }

  long nextProducerId() {
    return nextProducerId++;
  }

  private FakePartition partition(TopicPartition partition) {
    return topics.get(partition.topic()).partitions.get(partition.partition());
  }

  FakePartition find(ByteString topicId, String name, int partition) {
    for (Map.Entry<String, FakeTopic> entry : topics.entrySet()) {
      FakeTopic topic = entry.getValue();
      boolean same = topicId.isEmpty() ? entry.getKey().equals(name) : id(topic).equals(topicId);
      if (same && partition < topic.partitions.size()) {
        return topic.partitions.get(partition);
      }
    }
    return null;
  }

  static ByteString id(FakeTopic topic) {
    ByteBuffer id = ByteBuffer.allocate(16);
    id.putLong(topic.topicId.getMostSignificantBits());
    id.putLong(topic.topicId.getLeastSignificantBits());
    return ByteString.copyFrom(id.flip());
  }

  LeaderHint hint(FakePartition log) {
    FakeBroker leader = brokers.get(log.leader);
    return leader == null
        ? LeaderHint.getDefaultInstance()
        : LeaderHint.newBuilder()
            .setNodeId(log.leader)
            .setHost("127.0.0.1")
            .setPort(leader.port())
            .setLeaderEpoch(log.epoch)
            .build();
  }

  static LogStatus status(FakePartition log) {
    return LogStatus.newBuilder()
        .setLeaderEpoch(log.epoch)
        .setLogStartOffset(log.logStart)
        .setHighWatermark(log.end)
        .setLastStableOffset(log.end)
        .build();
  }

  void appended() {
    brokers.values().forEach(FakeBroker::pumpFetches);
  }

  List<BrokerInfo> brokerInfos() {
    return brokers.entrySet().stream()
        .map(
            entry ->
                BrokerInfo.newBuilder()
                    .setNodeId(entry.getKey())
                    .setHost("127.0.0.1")
                    .setPort(entry.getValue().port())
                    .build())
        .toList();
  }

  TopicInfo info(String name) {
    FakeTopic topic = topics.get(name);
    TopicInfo.Builder info =
        TopicInfo.newBuilder().setName(name).setTopicId(id(topic)).putAllConfigs(topic.configs);
    for (int i = 0; i < topic.partitions.size(); i++) {
      FakePartition log = topic.partitions.get(i);
      info.addPartitions(
          PartitionInfo.newBuilder()
              .setPartition(i)
              .setLeaderId(log.leader)
              .setLeaderEpoch(log.epoch)
              .addReplicas(log.leader)
              .addInSyncReplicas(log.leader)
              .setLeaderlessReason(log.leader < 0 ? log.leaderlessReason : ""));
    }
    return info.build();
  }

  synchronized DescribeTopicsResponse describe(List<String> names) {
    DescribeTopicsResponse.Builder response =
        DescribeTopicsResponse.newBuilder()
            .setMetadataOffset(metadataOffset)
            .setClusterId(clusterId)
            .addAllBrokers(brokerInfos());
    for (String name : names.isEmpty() ? new ArrayList<>(topics.keySet()) : names) {
      if (topics.containsKey(name)) {
        response.addTopics(info(name));
      } else {
        response.addUnknownTopics(name);
      }
    }
    return response.build();
  }
}
