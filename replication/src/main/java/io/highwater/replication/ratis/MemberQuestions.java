package io.highwater.replication.ratis;

import io.highwater.replication.control.MemberProgress;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.client.RaftClientRpc;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/** Questions to single members of a quorum, which each answers by itself. Thread-safe. */
final class MemberQuestions {
  /** After which a member counts as silent. */
  static final long TIMEOUT_MS = 1_000;

  private final RaftClientRpc rpc;
  private final RaftGroupId groupId;
  private final ClientId clientId;

  /** Those of commands, which come from the same client, are positive. */
  private final AtomicLong callIds = new AtomicLong();

  MemberQuestions(RaftClientRpc rpc, RaftGroupId groupId, ClientId clientId) {
    this.rpc = rpc;
    this.groupId = groupId;
    this.clientId = clientId;
  }

  /** Puts a question to a member's state machine, which has committed up to an index. */
  CompletableFuture<ByteString> ask(RaftPeerId member, String question, long minIndex) {
    RaftClientRequest request =
        RaftClientRequest.newBuilder()
            .setClientId(clientId)
            .setServerId(member)
            .setGroupId(groupId)
            .setCallId(-callIds.incrementAndGet())
            .setMessage(Message.valueOf(question))
            .setType(RaftClientRequest.staleReadRequestType(minIndex))
            .build();
    return rpc.sendRequestAsyncUnordered(request)
        .orTimeout(TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .thenCompose(
            answer ->
                answer.isSuccess()
                    ? CompletableFuture.completedFuture(answer.getMessage().getContent())
                    : CompletableFuture.failedFuture(answer.getException()))
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                rpc.handleException(member, failure, true);
              }
            });
  }

  /**
   * Tells a member how far another one came.
   *
   * @return how far it came as far as that member remembers
   */
  CompletableFuture<MemberProgress> tell(
      RaftPeerId member, int node, UUID directoryId, MemberProgress progress) {
    String news = MetadataStateMachine.PROGRESS + node + " " + directoryId + " " + progress.text();
    return ask(member, news, -1).thenApply(answer -> MemberProgress.parse(answer.toStringUtf8()));
  }
}
