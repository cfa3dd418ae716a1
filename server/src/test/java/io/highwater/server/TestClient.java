package io.highwater.server;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.highwater.proto.grpc.TopicIds;
import io.highwater.proto.record.BatchBuilder;
import io.highwater.proto.record.BatchView;
import io.highwater.proto.record.Codec;
import io.highwater.proto.record.RecordCursor;
import io.highwater.proto.v1.Acks;
import io.highwater.proto.v1.ClusterAdminServiceGrpc;
import io.highwater.proto.v1.CreateTopicRequest;
import io.highwater.proto.v1.FetchPosition;
import io.highwater.proto.v1.FetchRequest;
import io.highwater.proto.v1.FetchServiceGrpc;
import io.highwater.proto.v1.InitProducerIdRequest;
import io.highwater.proto.v1.InitProducerIdResponse;
import io.highwater.proto.v1.MetadataServiceGrpc;
import io.highwater.proto.v1.PartitionBatch;
import io.highwater.proto.v1.PartitionRecords;
import io.highwater.proto.v1.ProduceAck;
import io.highwater.proto.v1.ProduceRequest;
import io.highwater.proto.v1.ProduceServiceGrpc;
import io.highwater.proto.v1.PubSubServiceGrpc;
import io.highwater.proto.v1.QuorumAdminServiceGrpc;
import io.highwater.proto.v1.TopicAdminServiceGrpc;
import io.highwater.proto.v1.TopicInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/** The contracts' generated stubs with a few shorthands. */
final class TestClient {
  private static final int DEADLINE_SECONDS = 20;
  private static final int MAX_BATCH_BYTES = 8 << 20;

  private final ManagedChannel channel;

  TestClient(ManagedChannel channel) {
    this.channel = channel;
  }

  ManagedChannel channel() {
    return channel;
  }

  TopicAdminServiceGrpc.TopicAdminServiceBlockingStub admin() {
    return TopicAdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  ClusterAdminServiceGrpc.ClusterAdminServiceBlockingStub clusterAdmin() {
    return ClusterAdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  QuorumAdminServiceGrpc.QuorumAdminServiceBlockingStub quorumAdmin() {
    return QuorumAdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  MetadataServiceGrpc.MetadataServiceBlockingStub metadata() {
    return MetadataServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  ProduceServiceGrpc.ProduceServiceBlockingStub produce() {
    return ProduceServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  FetchServiceGrpc.FetchServiceBlockingStub fetch() {
    return FetchServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  PubSubServiceGrpc.PubSubServiceBlockingStub pubSub() {
    return PubSubServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  TopicInfo createTopic(String name, int partitions, Map<String, String> configs) {
    return admin()
        .createTopic(
            CreateTopicRequest.newBuilder()
                .setName(name)
                .setPartitions(partitions)
                .putAllConfigs(configs)
                .build())
        .getTopic();
  }

  InitProducerIdResponse initProducerId(long id, int epoch) {
    return produce()
        .initProducerId(
            InitProducerIdRequest.newBuilder().setProducerId(id).setProducerEpoch(epoch).build());
  }

  ProduceAck produce(TopicInfo topic, Acks acks, ByteString batch) {
    return produce(
        acks, PartitionBatch.newBuilder().setTopicId(topic.getTopicId()).setRecords(batch));
  }

  ProduceAck produce(Acks acks, PartitionBatch.Builder batch) {
    return produce()
        .produce(
            ProduceRequest.newBuilder()
                .setAcks(acks)
                .addBatches(batch.getLeaderEpoch() == 0 ? batch.setLeaderEpoch(-1) : batch)
                .build())
        .getAcks(0);
  }

  /** One long poll of partition 0. */
  PartitionRecords fetch(TopicInfo topic, long offset, int maxWaitMs) {
    return fetch()
        .fetch(
            FetchRequest.newBuilder()
                .setMaxWaitMs(maxWaitMs)
                .setMinBytes(1)
                .addPositions(position(topic, 0, offset))
                .build())
        .getPartitions(0);
  }

  static FetchPosition position(TopicInfo topic, int partition, long offset) {
    return FetchPosition.newBuilder()
        .setTopicId(topic.getTopicId())
        .setPartition(partition)
        .setCurrentLeaderEpoch(-1)
        .setFetchOffset(offset)
        .setLastFetchedEpoch(-1)
        .build();
  }

  /** A batch of values without keys. */
  static ByteString batch(Codec codec, String... values) {
    return ByteString.copyFrom(batchBuilder(codec, values).build());
  }

  static BatchBuilder batchBuilder(Codec codec, String... values) {
    BatchBuilder builder = new BatchBuilder(codec, MAX_BATCH_BYTES);
    for (String value : values) {
      builder.append(1_000, null, value.getBytes(StandardCharsets.UTF_8), List.of());
    }
    return builder;
  }

  /** The values in stored batches. */
  static List<String> values(ByteString records) {
    UnsafeBuffer buffer = new UnsafeBuffer(records.toByteArray());
    List<String> values = new ArrayList<>();
    BatchView batch = new BatchView();
    try (RecordCursor cursor = new RecordCursor()) {
      for (int at = 0; at < buffer.capacity(); at += batch.sizeInBytes()) {
        batch.wrap(buffer, at);
        cursor.wrap(buffer, at);
        while (cursor.next()) {
          values.add(new String(cursor.value(), StandardCharsets.UTF_8));
        }
      }
    }
    return values;
  }

  static java.util.UUID id(TopicInfo topic) {
    return TopicIds.fromBytes(topic.getTopicId());
  }
}
