package io.highwater.replication.ratis;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands the quorum's leadership from this member to another one. */
final class LeadershipTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipTransfer.class);

  /** A member that is up takes over in milliseconds, a busy one in more of them. */
  private static final long TIMEOUT_MS = 2_000;

  private final RaftServer server;
  private final RaftGroupId groupId;
  private final ClientId clientId = ClientId.randomId();

  LeadershipTransfer(RaftServer server, RaftGroupId groupId) {
    this.server = server;
    this.groupId = groupId;
  }

  /** Asks one member after the other; completes when one leads or none could take over. */
  CompletableFuture<Void> toAnyOther() {
    try {
      RaftServer.Division division = server.getDivision(groupId);
      if (!division.getInfo().isLeader()) {
        return CompletableFuture.completedFuture(null);
      }
      List<RaftPeerId> others =
          division.getGroup().getPeers().stream()
              .map(RaftPeer::getId)
              .filter(peer -> !peer.equals(server.getId()))
              .toList();
      return toFirstAble(others.iterator(), 1);
    } catch (IOException e) {
      LOG.debug("this member is not in the quorum any more", e);
      return CompletableFuture.completedFuture(null);
    }
  }

  private CompletableFuture<Void> toFirstAble(Iterator<RaftPeerId> others, long callId) {
    if (!others.hasNext()) {
      return CompletableFuture.completedFuture(null);
    }
    RaftPeerId other = others.next();
    return transfer(other, callId)
        .handle((reply, failure) -> failure == null ? reply.getException() : failure)
        // Ratis completes it under a lock that the next transfer needs on another thread.
        .thenComposeAsync(
            refusal -> {
              if (refusal == null) {
                LOG.info("member {} leads the quorum now", other);
                return CompletableFuture.completedFuture(null);
              }
              LOG.info("member {} does not take the quorum over: {}", other, refusal.getMessage());
              return toFirstAble(others, callId + 1);
            });
  }

  private CompletableFuture<RaftClientReply> transfer(RaftPeerId other, long callId) {
    try {
      return server.transferLeadershipAsync(
          new TransferLeadershipRequest(
              clientId, server.getId(), groupId, callId, other, TIMEOUT_MS));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
