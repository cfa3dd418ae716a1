package io.highwater.perf.highwater;

import io.highwater.client.NewTopic;
import io.highwater.client.admin.Admin;
import io.highwater.perf.load.ClusterAdmin;
import io.highwater.proto.HighwaterException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Highwater, through its admin client. */
public final class HighwaterAdmin implements ClusterAdmin {
  private static final long PAUSE_MS = 20;

  private Admin admin;

  @Override
  public void connect(String bootstrap) {
    admin = Admin.builder().bootstrap(bootstrap).build();
  }

  @Override
  public void awaitBrokers(int count) throws InterruptedException {
    await(
        () ->
            admin.describeCluster().brokers().stream().filter(broker -> !broker.fenced()).count()
                == count);
  }

  @Override
  public void createTopic(String name, int partitions, int replicationFactor, int minInSync)
      throws InterruptedException {
    admin.createTopic(
        new NewTopic(
            name,
            partitions,
            replicationFactor,
            Map.of("min.insync.replicas", String.valueOf(minInSync))));
    await(
        () ->
            admin.describeTopic(name).partitions().stream()
                .allMatch(
                    partition ->
                        partition.hasLeader()
                            && partition.inSyncReplicas().size() == replicationFactor));
  }

  @Override
  public int leaderOf(String topic, int partition) {
    return admin.describeTopic(topic).partitions().get(partition).leaderId();
  }

  @Override
  public int controller() {
    return admin.describeCluster().controllerId();
  }

  @Override
  public void close() {
    admin.close();
  }

  /** Whoever called this ends the process when it takes too long. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!holds(condition)) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
    }
  }

  private static boolean holds(BooleanSupplier condition) {
    try {
      return condition.getAsBoolean();
    } catch (HighwaterException e) {
      if (e.code().retriable()) {
        return false;
      }
      throw e;
    }
  }
}
