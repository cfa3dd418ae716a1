package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.OwnerLoop;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.MetadataCommand.UnregisterBroker;
import io.highwater.replication.control.QuorumVoter;
import io.highwater.server.partition.TopicCatalog;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Forgets brokers that are gone for good, where the active controller is. On the owner loop. */
public final class Unregistration {
  private final TopicCatalog catalog;
  private final QuorumAdmin quorum;
  private final MetadataCommands commands;
  private final OwnerLoop loop;

  /** For the brokers of this catalog. */
  public Unregistration(
      TopicCatalog catalog, QuorumAdmin quorum, MetadataCommands commands, OwnerLoop loop) {
    this.catalog = catalog;
    this.quorum = quorum;
    this.commands = commands;
    this.loop = loop;
  }

  /**
   * Forgets a broker.
   *
   * @return completes on the loop once that is in force; fails with NOT_CONTROLLER elsewhere, with
   *     BROKER_ID_NOT_REGISTERED, with POLICY_VIOLATION when it is alive, a controller or has
   *     replicas
   */
  public CompletableFuture<Void> unregister(int brokerId) {
    return quorum
        .voters()
        .thenComposeAsync(voters -> unregister(brokerId, voters), loop::execute)
        .thenAccept(accepted -> {});
  }

  private CompletableFuture<?> unregister(int brokerId, List<QuorumVoter> voters) {
    BrokerRegistration broker = catalog.image().broker(brokerId);
    if (broker == null) {
      throw new HighwaterException(
          ErrorCode.BROKER_ID_NOT_REGISTERED, "broker " + brokerId + " is not registered");
    }
    if (voters.stream().anyMatch(voter -> voter.nodeId() == brokerId)) {
      throw new HighwaterException(
          ErrorCode.POLICY_VIOLATION,
          "broker " + brokerId + " is a controller: remove it from the quorum first");
    }
    return commands.submit(new UnregisterBroker(brokerId, broker.epoch()));
  }
}
