package io.highwater.perf.load;

/**
 * A cluster as its own admin client sees it. Has a public constructor without arguments, by which a
 * command line names it. Calls block until the cluster has done what they ask for.
 */
public interface ClusterAdmin extends AutoCloseable {
  /** Connects; called once, first. */
  void connect(String bootstrap);

  /** Returns when so many brokers are in service. */
  void awaitBrokers(int count) throws Exception;

  /**
   * Creates a topic; returns when every partition has a leader and all replicas are in sync.
   *
   * @param minInSync its min.insync.replicas
   */
  void createTopic(String name, int partitions, int replicationFactor, int minInSync)
      throws Exception;

  /** The broker that leads a partition now. */
  int leaderOf(String topic, int partition) throws Exception;

  /** The broker that is the active controller now. */
  int controller() throws Exception;

  @Override
  void close();
}
