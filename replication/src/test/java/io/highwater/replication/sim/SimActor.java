package io.highwater.replication.sim;

import io.highwater.proto.TopicIdPartition;
import java.util.function.ToLongFunction;

/** A client of another make than the simulation's own. Its text says how it stands. */
public interface SimActor {
  /** Begins. */
  void start();

  /** Does nothing any more. */
  void stop();

  /** Whether all that it had to send is acknowledged. */
  boolean isDone();

  /**
   * Whether it has read all that it reads.
   *
   * @param committed where the committed log of a partition ends
   */
  boolean hasRead(ToLongFunction<TopicIdPartition> committed);
}
