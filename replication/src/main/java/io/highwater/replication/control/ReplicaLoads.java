package io.highwater.replication.control;

import io.highwater.proto.TopicIdPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A draft of where replicas and preferred leaders are, to be changed while a plan is made. */
final class ReplicaLoads {
  private final Map<TopicIdPartition, List<Integer>> before = new LinkedHashMap<>();
  private final Map<TopicIdPartition, List<Integer>> draft = new LinkedHashMap<>();
  private final Map<Integer, String> racks = new HashMap<>();
  private final Map<Integer, Integer> replicas = new TreeMap<>();
  private final Map<Integer, Integer> leaders = new TreeMap<>();

  /** All partitions, with the replicas that they have or are on their way to. */
  ReplicaLoads(ClusterImage image) {
    for (BrokerRegistration broker : image.brokers()) {
      racks.put(broker.id(), broker.rack());
      if (broker.placeable()) {
        replicas.put(broker.id(), 0);
        leaders.put(broker.id(), 0);
      }
    }
    for (TopicImage topic : image.topics()) {
      for (PartitionImage partition : topic.partitions()) {
        TopicIdPartition id = topic.idOf(partition.partition());
        before.put(id, partition.targetReplicas());
        put(id, partition.targetReplicas());
      }
    }
  }

  /** Replicas by broker, of those that may be given more. */
  Map<Integer, Integer> replicas() {
    return replicas;
  }

  /** Partitions by preferred leader, of those that may be given more. */
  Map<Integer, Integer> leaders() {
    return leaders;
  }

  List<TopicIdPartition> partitions() {
    return List.copyOf(draft.keySet());
  }

  List<Integer> replicasOf(TopicIdPartition id) {
    return draft.get(id);
  }

  /** How many racks the replicas are in, those in none taken for one. */
  long racksOf(List<Integer> ids) {
    return ids.stream().map(id -> racks.getOrDefault(id, "")).distinct().count();
  }

  final void put(TopicIdPartition id, List<Integer> next) {
    List<Integer> present = draft.put(id, next);
    if (present != null) {
      count(present, -1);
    }
    count(next, 1);
  }

  private void count(List<Integer> ids, int by) {
    ids.forEach(id -> replicas.computeIfPresent(id, (broker, count) -> count + by));
    leaders.computeIfPresent(ids.get(0), (broker, count) -> count + by);
  }

  /** What differs from the image. */
  List<PlannedMove> moves() {
    List<PlannedMove> moves = new ArrayList<>();
    draft.forEach(
        (id, now) -> {
          if (!now.equals(before.get(id))) {
            moves.add(new PlannedMove(id, before.get(id), now));
          }
        });
    return moves;
  }

  static List<Integer> replaced(List<Integer> ids, int old, int by) {
    return ids.stream().map(id -> id == old ? by : id).toList();
  }
}
