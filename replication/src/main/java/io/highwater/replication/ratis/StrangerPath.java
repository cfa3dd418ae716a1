package io.highwater.replication.ratis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/** The way of who is no member: to the leader that a member named, else from one to the next. */
final class StrangerPath implements QuorumPath {
  private final List<RaftPeerId> members = new ArrayList<>();
  private final RaftClientRpc rpc;
  private RaftPeerId leader;

  StrangerPath(List<RaftPeerId> members, RaftClientRpc rpc) {
    this.members.addAll(members);
    this.rpc = rpc;
    this.leader = members.get(0);
  }

  @Override
  public synchronized RaftPeerId leader() {
    return leader;
  }

  @Override
  public CompletableFuture<RaftClientReply> send(RaftClientRequest request) {
    return rpc.sendRequestAsyncUnordered(request);
  }

  @Override
  public synchronized void notServed(RaftPeerId member, RaftClientReply answer, Throwable failure) {
    if (failure != null) {
      rpc.handleException(member, failure, true);
    }
    if (!member.equals(leader)) {
      return;
    }
    RaftPeer named =
        answer == null || answer.getNotLeaderException() == null
            ? null
            : answer.getNotLeaderException().getSuggestedLeader();
    if (named == null) {
      leader = members.get((members.indexOf(member) + 1) % members.size());
      return;
    }
    leader = named.getId();
    if (!members.contains(leader)) {
      rpc.addRaftPeers(List.of(named));
      members.add(leader);
    }
  }

  /** Who can be asked, with those of whom it heard on the way. */
  synchronized List<RaftPeerId> members() {
    return List.copyOf(members);
  }

  @Override
  public void close() throws IOException {
    rpc.close();
  }
}
