package io.highwater.replication.ratis;

import java.io.IOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.Daemon;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the quorum's leadership from this member to another one. */
final class LeadershipTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipTransfer.class);

  /** A member that is up takes over in milliseconds, a busy one in more of them. */
  private static final long TIMEOUT_MS = 2_000;

  /** The same where a leader has to go in any case. */
  private static final long URGENT_TIMEOUT_MS = 400;

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final ClientId clientId = ClientId.randomId();
  private final AtomicLong callIds = new AtomicLong();

  LeadershipTransfer(RaftServer server, RaftGroupId groupId) {
    this.server = server;
    this.groupId = groupId;
  }

  /** Asks one member after the other; completes when one leads or none could take over. */
  CompletableFuture<Void> toAnyOther() {
    return ifLeading(
        others -> toFirstAble(others.iterator(), TIMEOUT_MS, ForkJoinPool.commonPool()));
  }

  /** The same with these members in this order; who is none is passed over. */
  CompletableFuture<Void> toAnyOf(List<RaftPeerId> successors) {
    return ifLeading(
        others ->
            toFirstAble(
                successors.stream().filter(others::contains).iterator(),
                TIMEOUT_MS,
                ForkJoinPool.commonPool()));
  }

  /**
   * The same with all others, in little time; when none takes over, this member steps down all the
   * same. Nothing here waits for a disk, nor behind those who do.
   */
  CompletableFuture<Void> byForce() {
    Executor threads =
        task -> Daemon.newBuilder().setName("quorum-step-down").setRunnable(task).build().start();
    return CompletableFuture.<Void>completedFuture(null)
        .thenComposeAsync(
            begun ->
                ifLeading(
                    others ->
                        others.isEmpty()
                            ? CompletableFuture.completedFuture(null)
                            : toFirstAble(
                                Stream.concat(others.stream(), Stream.of((RaftPeerId) null))
                                    .iterator(),
                                URGENT_TIMEOUT_MS,
                                threads)),
            threads);
  }

  private CompletableFuture<Void> ifLeading(
      Function<Collection<RaftPeerId>, CompletableFuture<Void>> transfer) {
    try {
      RaftServer.Division division = server.getDivision(groupId);
      if (!division.getInfo().isLeader()) {
        return CompletableFuture.completedFuture(null);
      }
      return transfer.apply(
          division.getGroup().getPeers().stream()
              .map(RaftPeer::getId)
              .filter(peer -> !peer.equals(server.getId()))
              .toList());
    } catch (IOException e) {
      LOG.debug("this member is not in the quorum any more", e);
      return CompletableFuture.completedFuture(null);
    }
  }

  /** Null stands for whoever the others elect. */
  private CompletableFuture<Void> toFirstAble(
      Iterator<RaftPeerId> others, long timeoutMs, Executor threads) {
    if (!others.hasNext()) {
      return CompletableFuture.completedFuture(null);
    }
    RaftPeerId other = others.next();
    String who = other == null ? "whoever is elected" : "member " + other;
    return transfer(other, timeoutMs)
        .handle((reply, failure) -> failure == null ? reply.getException() : failure)
        // Ratis completes it under a lock that the next transfer needs on another thread.
        .thenComposeAsync(
            refusal -> {
              if (refusal == null) {
                LOG.info("{} leads the quorum now", who);
                return CompletableFuture.completedFuture(null);
              }
              LOG.info("{} does not take the quorum over: {}", who, refusal.getMessage());
              return toFirstAble(others, timeoutMs, threads);
            },
            threads);
  }

  private CompletableFuture<RaftClientReply> transfer(RaftPeerId other, long timeoutMs) {
    try {
      return server.transferLeadershipAsync(
          new TransferLeadershipRequest(
              clientId, server.getId(), groupId, callIds.incrementAndGet(), other, timeoutMs));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
