package io.highwater.perf.system;

import io.highwater.perf.load.LoadResult;
import io.highwater.perf.load.LoadSpec;
import java.util.List;

/**
 * A system that runs, in processes that end with this one. Used by one thread. Methods throw {@link
 * SystemFailureException} when a process does not do what it should; brokers are numbered from 1.
 */
public interface RunningSystem extends AutoCloseable {
  /** Where its clients begin: addresses, or a directory when embedded. */
  String bootstrap();

  /** The broker processes that run, by number. */
  List<Long> brokerPids();

  /**
   * Creates a topic; returns when every partition has a leader.
   *
   * @param minInSync its min.insync.replicas
   */
  void createTopic(String name, int partitions, int replicationFactor, int minInSync);

  /**
   * Runs load in a client JVM of its own.
   *
   * @param spec whose target class, bootstrap and pids are set here
   */
  LoadResult load(LoadSpec spec);

  /**
   * Starts a client that will tell when writes to a partition are acknowledged again.
   *
   * @param acks 0, 1 or all
   */
  AckProbe probe(String topic, int partition, String acks);

  /** The broker that leads a partition now. */
  int leaderOf(String topic, int partition);

  /** The broker that is the active controller now. */
  int controller();

  /** Kills a broker (SIGKILL); returns when the process is gone. */
  void kill(int broker);

  /** Starts a broker again that was killed or stopped; returns at once. */
  void restart(int broker);

  /** Returns when all brokers that were started and not ended are in service. */
  void awaitServing();

  /** Stops a broker cleanly (SIGTERM); returns when the process is gone. */
  void stop(int broker);

  /** Bytes of the topic's log files, of all replicas. */
  long diskBytes(String topic);

  /** Memory of a broker's process that is resident (VmRSS), in bytes. */
  long residentBytes(int broker);

  /** Ends all processes; the data stays. Idempotent. */
  @Override
  void close();
}
