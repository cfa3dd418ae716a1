package io.highwater.peers.kafka;

import io.highwater.perf.load.ClusterAdmin;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.RetriableException;

/** Kafka, through its admin client. */
public final class KafkaClusterAdmin implements ClusterAdmin {
  private static final long PAUSE_MS = 20;

  private Admin admin;

  @Override
  public void connect(String bootstrap) {
    admin =
        Admin.create(
            Map.of(
                "bootstrap.servers", bootstrap,
                "reconnect.backoff.ms", "20",
                "reconnect.backoff.max.ms", "250"));
  }

  @Override
  public void awaitBrokers(int count) throws Exception {
    await(() -> admin.describeCluster().nodes().get().size() == count);
  }

  @Override
  public void createTopic(String name, int partitions, int replicationFactor, int minInSync)
      throws Exception {
    NewTopic topic =
        new NewTopic(name, partitions, (short) replicationFactor)
            .configs(Map.of("min.insync.replicas", String.valueOf(minInSync)));
    admin.createTopics(List.of(topic)).all().get();
    await(
        () ->
            describe(name).partitions().stream()
                .allMatch(
                    partition ->
                        partition.leader() != null
                            && !partition.leader().isEmpty()
                            && partition.isr().size() == replicationFactor));
  }

  @Override
  public int leaderOf(String topic, int partition) throws Exception {
    return describe(topic).partitions().get(partition).leader().id();
  }

  @Override
  public int controller() throws Exception {
    return admin.describeMetadataQuorum().quorumInfo().get().leaderId();
  }

  @Override
  public void close() {
    admin.close();
  }

  private TopicDescription describe(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
  }

  /** Whoever called this ends the process when it takes too long. */
  private static void await(Callable<Boolean> condition) throws Exception {
    while (!holds(condition)) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
  }

  private static boolean holds(Callable<Boolean> condition) throws Exception {
    try {
      return condition.call();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw e;
    }
  }
}
