package io.highwater.replication.ratis;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.replication.control.CommandCodec;
import io.highwater.replication.control.CommandResult;
import io.highwater.replication.control.MetadataCommand;
import io.highwater.replication.control.ResultCodec;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * Brings commands to the quorum's leader. A command is sent again, under the same call id, until it
 * is answered or its time is over; the quorum recognises the repeats and applies it once.
 * Thread-safe.
 */
final class CommandSubmitter implements AutoCloseable {
  private static final long RETRY_MS = 20;

  private final QuorumPath path;
  private final RaftGroupId groupId;
  private final ClientId clientId;
  private final long timeoutMs;
  private final AtomicLong callIds = new AtomicLong();
  private final Map<Long, CompletableFuture<CommandResult>> pending = new ConcurrentHashMap<>();
  private final Executor retryLater =
      CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS);
  private volatile boolean closed;

  CommandSubmitter(QuorumPath path, RaftGroupId groupId, ClientId clientId, long timeoutMs) {
    this.path = path;
    this.groupId = groupId;
    this.clientId = clientId;
    this.timeoutMs = timeoutMs;
  }

  CompletableFuture<CommandResult> submit(MetadataCommand command) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new HighwaterException(ErrorCode.NOT_CONTROLLER, "the metadata log is closed"));
    }
    long callId = callIds.incrementAndGet();
    CompletableFuture<CommandResult> result = new CompletableFuture<>();
    pending.put(callId, result);
    Message message =
        Message.valueOf(UnsafeByteOperations.unsafeWrap(CommandCodec.encode(command)));
    attempt(callId, message, result);
    return result
        .orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(command, failure)))
        .whenComplete((outcome, failure) -> pending.remove(callId));
  }

  private HighwaterException named(MetadataCommand command, Throwable failure) {
    if (failure instanceof HighwaterException known) {
      return known;
    }
    return new HighwaterException(
        failure instanceof TimeoutException
            ? ErrorCode.REQUEST_TIMED_OUT
            : ErrorCode.UNKNOWN_SERVER_ERROR,
        command.kind() + " is not confirmed by the metadata quorum after " + timeoutMs + " ms",
        failure);
  }

  private void attempt(long callId, Message message, CompletableFuture<CommandResult> result) {
    if (result.isDone()) {
      return;
    }
    RaftPeerId leader;
    CompletableFuture<RaftClientReply> reply;
    try {
      leader = path.leader();
      if (leader == null) {
        retry(callId, message, result);
        return;
      }
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(clientId)
              .setServerId(leader)
              .setGroupId(groupId)
              .setCallId(callId)
              .setMessage(message)
              .setType(RaftClientRequest.writeRequestType())
              .build();
      reply = path.send(request);
    } catch (IOException e) {
      // The member is starting or stopping.
      retry(callId, message, result);
      return;
    }
    var unused =
        reply.whenComplete(
            (answer, failure) -> {
              if (failure == null && answer.isSuccess()) {
                result.complete(ResultCodec.decode(answer.getMessage().getContent().toByteArray()));
              } else if (failure == null
                  && answer.getException() instanceof StateMachineException refused) {
                result.completeExceptionally(refused);
              } else {
                path.notServed(leader, answer, failure);
                retry(callId, message, result);
              }
            });
  }

  private void retry(long callId, Message message, CompletableFuture<CommandResult> result) {
    retryLater.execute(() -> attempt(callId, message, result));
  }

  @Override
  public void close() throws IOException {
    closed = true;
    pending.forEach(
        (callId, result) ->
            result.completeExceptionally(
                new HighwaterException(
                    ErrorCode.REQUEST_TIMED_OUT, "the metadata log was closed meanwhile")));
    path.close();
  }
}
