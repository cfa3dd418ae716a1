package io.highwater.replication.ratis;

import static org.awaitility.Awaitility.await;

import io.highwater.log.io.FileStorage;
import io.highwater.replication.control.CommandResult.Accepted;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataCommand.RegisterBroker;
import io.highwater.replication.control.MetadataLog;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Members as tests start them. */
final class TestMember {
  private TestMember() {}

  static RatisMetadataLog open(QuorumConfig config) throws IOException {
    return RatisMetadataLog.open(config, storage(config), failure -> {});
  }

  /** Registers a broker through a member, once the cluster is formatted. */
  static Accepted register(MetadataLog member, int brokerId) {
    await().until(() -> !member.image().clusterId().isEmpty());
    return member
        .submit(
            new RegisterBroker(
                brokerId,
                new UUID(1, brokerId),
                new UUID(2, brokerId),
                -1,
                -1,
                Map.of(ListenerName.BROKERS, new Endpoint("127.0.0.1", 9_000 + brokerId)),
                "test"))
        .orTimeout(15, TimeUnit.SECONDS)
        .join()
        .orThrow();
  }

  static QuorumStorage storage(QuorumConfig config) {
    return new QuorumStorage(new FileStorage(), config.dataDirectory(), config.clusterId());
  }
}
