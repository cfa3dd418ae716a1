package io.highwater.server.metadata;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.BrokerRegistration;
import io.highwater.replication.control.Endpoint;
import io.highwater.replication.control.ListenerName;
import io.highwater.replication.control.MetadataLog;
import io.highwater.replication.control.QuorumMembership;
import io.highwater.replication.control.QuorumVoter;
import io.highwater.server.partition.TopicCatalog;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Adds controllers and removes them, where the active controller is. On the owner loop. */
public final class QuorumAdmin {
  private final int nodeId;
  private final TopicCatalog catalog;
  private final MetadataLog metadataLog;
  private final Supplier<Optional<QuorumMembership>> quorum;

  /**
   * @param nodeId this broker
   * @param quorum as it is at present, from any thread; nothing at a broker that can be no
   *     controller
   */
  public QuorumAdmin(
      int nodeId,
      TopicCatalog catalog,
      MetadataLog metadataLog,
      Supplier<Optional<QuorumMembership>> quorum) {
    this.nodeId = nodeId;
    this.catalog = catalog;
    this.metadataLog = metadataLog;
    this.quorum = quorum;
  }

  /** The controllers, on any thread; fails with NOT_CONTROLLER elsewhere. */
  public CompletableFuture<List<QuorumVoter>> voters() {
    try {
      return membership().voters();
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Who is in the quorum, on any thread; fails with NOT_CONTROLLER elsewhere. */
  public CompletableFuture<QuorumMembers> describe() {
    return voters()
        .thenApply(
            voters ->
                new QuorumMembers(
                    voters.stream().map(this::whereItIs).toList(), standbysBeside(voters), nodeId));
  }

  /** At the address it registered with, which may be newer than the quorum's log. */
  private QuorumVoter whereItIs(QuorumVoter voter) {
    BrokerRegistration broker = catalog.image().broker(voter.nodeId());
    Endpoint registered = broker == null ? null : broker.endpoints().get(ListenerName.CONTROLLER);
    return registered == null ? voter : new QuorumVoter(voter.nodeId(), registered, voter.live());
  }

  private List<QuorumVoter> standbysBeside(List<QuorumVoter> voters) {
    Set<Integer> members =
        voters.stream().map(QuorumVoter::nodeId).collect(Collectors.toUnmodifiableSet());
    return catalog.image().brokers().stream()
        .filter(broker -> !broker.fenced() && !members.contains(broker.id()))
        .filter(broker -> broker.endpoints().containsKey(ListenerName.CONTROLLER))
        .map(
            broker ->
                new QuorumVoter(broker.id(), broker.endpoints().get(ListenerName.CONTROLLER), true))
        .toList();
  }

  /**
   * Adds a live broker that stands by.
   *
   * @return the controllers then, on any thread; fails as {@link QuorumMembership} says, with
   *     BROKER_ID_NOT_REGISTERED when no such broker is live, with INVALID_REQUEST when it does not
   *     stand by
   */
  public CompletableFuture<List<QuorumVoter>> add(int voterId, boolean dryRun) {
    try {
      return membership().add(voterId, standby(voterId), dryRun);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Removes a controller, dead or alive.
   *
   * @return the controllers then, on any thread; fails as {@link QuorumMembership} says
   */
  public CompletableFuture<List<QuorumVoter>> remove(int voterId, boolean dryRun) {
    try {
      return membership().remove(voterId, dryRun);
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private QuorumMembership membership() {
    Optional<QuorumMembership> membership = quorum.get();
    if (membership.isEmpty() || metadataLog.controller().id() != nodeId) {
      throw new HighwaterException(
          ErrorCode.NOT_CONTROLLER,
          "node " + metadataLog.controller().id() + " is the controller, not node " + nodeId);
    }
    return membership.get();
  }

  private Endpoint standby(int voterId) {
    BrokerRegistration broker = catalog.image().broker(voterId);
    if (broker == null || broker.fenced()) {
      throw new HighwaterException(
          ErrorCode.BROKER_ID_NOT_REGISTERED,
          broker == null ? "there is no node " + voterId : "node " + voterId + " is down");
    }
    Endpoint endpoint = broker.endpoints().get(ListenerName.CONTROLLER);
    if (endpoint == null) {
      throw new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          "node " + voterId + " does not stand by: start it with controller.quorum.standby=true");
    }
    return endpoint;
  }
}
