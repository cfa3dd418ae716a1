package io.highwater.replication;

import io.highwater.log.LogDirectory;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.core.HighWatermark;
import io.highwater.replication.transport.ReplicaTransport;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/** Opens the door to the rule about the high watermark, for tests that break it on purpose. */
public final class ReplicasUnderTest {
  private ReplicasUnderTest() {}

  /** Replicas with their disk on the loop, for which a storage failure is a failed test. */
  public static Replicas create(
      ReplicasConfig config,
      LogDirectory logs,
      OwnerLoop loop,
      NanoClock clock,
      RandomGenerator random,
      ReplicaTransport transport,
      MetadataLog metadata,
      HighWatermark.Quorum quorum) {
    return new Replicas(
        config,
        logs,
        loop,
        Runnable::run,
        clock,
        random,
        transport,
        metadata,
        (partition, failure) -> {
          throw new AssertionError(partition + " failed", failure);
        },
        quorum);
  }
}
