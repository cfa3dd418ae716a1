package io.highwater.replication.ratis;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;

/** A member's way: straight into itself when it leads, else over the network. */
record MemberPath(RaftServer server, RaftGroupId groupId, RaftClientRpc rpc) implements QuorumPath {
  @Override
  public RaftPeerId leader() throws IOException {
    return server.getDivision(groupId).getInfo().getLeaderId();
  }

  @Override
  public CompletableFuture<RaftClientReply> send(RaftClientRequest request) throws IOException {
    return request.getServerId().equals(server.getId())
        ? server.submitClientRequestAsync(request)
        : rpc.sendRequestAsyncUnordered(request);
  }

  @Override
  public void notServed(RaftPeerId member, RaftClientReply answer, Throwable failure) {
    if (failure != null && !member.equals(server.getId())) {
      rpc.handleException(member, failure, true);
    }
  }

  @Override
  public void close() throws IOException {
    rpc.close();
  }
}
