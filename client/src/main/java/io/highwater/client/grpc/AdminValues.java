package io.highwater.client.grpc;

import io.highwater.client.PartitionOutcome;
import io.highwater.client.TopicAlteration;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicPartition;
import io.highwater.proto.v1.AlterTopicConfigsRequest;
import io.highwater.proto.v1.ElectLeadersRequest;
import io.highwater.proto.v1.ElectionType;
import io.highwater.proto.v1.PartitionName;
import java.util.List;

/** Messages of administration to the client's values and back. */
final class AdminValues {
  private AdminValues() {}

  static AlterTopicConfigsRequest alteration(TopicAlteration alteration) {
    return AlterTopicConfigsRequest.newBuilder()
        .setName(alteration.name())
        .putAllSet(alteration.set())
        .addAllDelete(alteration.delete())
        .build();
  }

  static ElectLeadersRequest election(List<TopicPartition> partitions) {
    return ElectLeadersRequest.newBuilder()
        .setType(ElectionType.ELECTION_TYPE_PREFERRED)
        .addAllPartitions(partitions.stream().map(AdminValues::name).toList())
        .build();
  }

  static PartitionName name(TopicPartition partition) {
    return PartitionName.newBuilder()
        .setTopic(partition.topic())
        .setPartition(partition.partition())
        .build();
  }

  static TopicPartition partition(PartitionName name) {
    return new TopicPartition(name.getTopic(), name.getPartition());
  }

  static List<PartitionOutcome> outcomes(List<io.highwater.proto.v1.PartitionOutcome> outcomes) {
    return outcomes.stream()
        .map(
            outcome ->
                new PartitionOutcome(
                    partition(outcome.getPartition()),
                    ErrorCode.of(outcome.getErrorValue()),
                    outcome.getErrorMessage(),
                    outcome.getLeaderId(),
                    outcome.getLeaderEpoch()))
        .toList();
  }
}
