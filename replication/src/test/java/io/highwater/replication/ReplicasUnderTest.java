package io.highwater.replication;

import io.highwater.log.LogDirectories;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.proto.TopicPartition;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.transport.ReplicaTransport;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/** Opens the door to the rule about the high watermark, for tests that break it on purpose. */
public final class ReplicasUnderTest {
  private ReplicasUnderTest() {}

  /** Replicas under another rule than production's. */
  public static Replicas create(
      ReplicasConfig config,
      LogDirectories logs,
      OwnerLoop loop,
      Executor io,
      NanoClock clock,
      RandomGenerator random,
      ReplicaTransport transport,
      MetadataLog metadata,
      HighWatermark.Quorum quorum,
      BiConsumer<TopicIdPartition, HighwaterException> onStorageFailure) {
    return new Replicas(
        config, logs, loop, io, io, clock, random, transport, metadata, onStorageFailure, quorum);
  }

  /** Whether nothing of a partition waits for the disk. */
  public static boolean isIdle(Replicas replicas, TopicPartition partition) {
    return replicas.disk().isIdle(partition);
  }
}
