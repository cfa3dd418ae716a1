package io.highwater.replication.ratis;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftPeerId;

/** How requests reach the quorum's leader. Safe for use by any thread. */
interface QuorumPath extends AutoCloseable {
  /** Who leads as far as is known, or null. */
  RaftPeerId leader() throws IOException;

  /** Sends a request to the member that it names. */
  CompletableFuture<RaftClientReply> send(RaftClientRequest request) throws IOException;

  /**
   * A request was not served there.
   *
   * @param answer the refusal, or null
   * @param failure why there is no answer, or null
   */
  void notServed(RaftPeerId member, RaftClientReply answer, Throwable failure);

  @Override
  void close() throws IOException;
}
