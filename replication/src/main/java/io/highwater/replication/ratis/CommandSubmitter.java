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
import java.util.function.Function;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.exceptions.StateMachineException;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
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
  private final Map<Long, CompletableFuture<?>> pending = new ConcurrentHashMap<>();
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
    return send(
        command.kind().toString(),
        RaftClientRequest.writeRequestType(),
        Message.valueOf(UnsafeByteOperations.unsafeWrap(CommandCodec.encode(command))),
        answer -> ResultCodec.decode(answer.toByteArray()));
  }

  /** Puts a question to the leader's state machine. */
  <T> CompletableFuture<T> ask(String question, Function<ByteString, T> decode) {
    return send(question, RaftClientRequest.readRequestType(), Message.valueOf(question), decode);
  }

  private <T> CompletableFuture<T> send(
      String what, RaftClientRequest.Type type, Message message, Function<ByteString, T> decode) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new HighwaterException(ErrorCode.NOT_CONTROLLER, "the metadata log is closed"));
    }
    long callId = callIds.incrementAndGet();
    CompletableFuture<T> result = new CompletableFuture<>();
    pending.put(callId, result);
    attempt(new Call<>(callId, type, message, decode, result));
    return result
        .orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(what, failure)))
        .whenComplete((outcome, failure) -> pending.remove(callId));
  }

  private HighwaterException named(String what, Throwable failure) {
    if (failure instanceof HighwaterException known) {
      return known;
    }
    if (failure instanceof StateMachineException refused) {
      return new HighwaterException(
          ErrorCode.INVALID_REQUEST,
          what + " is refused by the metadata quorum: " + refused.getMessage(),
          refused);
    }
    return new HighwaterException(
        failure instanceof TimeoutException
            ? ErrorCode.REQUEST_TIMED_OUT
            : ErrorCode.UNKNOWN_SERVER_ERROR,
        what + " is not confirmed by the metadata quorum after " + timeoutMs + " ms",
        failure);
  }

  private record Call<T>(
      long id,
      RaftClientRequest.Type type,
      Message message,
      Function<ByteString, T> decode,
      CompletableFuture<T> result) {}

  private <T> void attempt(Call<T> call) {
    if (call.result().isDone()) {
      return;
    }
    RaftPeerId leader;
    CompletableFuture<RaftClientReply> reply;
    try {
      leader = path.leader();
      if (leader == null) {
        retry(call);
        return;
      }
      RaftClientRequest request =
          RaftClientRequest.newBuilder()
              .setClientId(clientId)
              .setServerId(leader)
              .setGroupId(groupId)
              .setCallId(call.id())
              .setMessage(call.message())
              .setType(call.type())
              .build();
      reply = path.send(request);
    } catch (IOException e) {
      // The member is starting or stopping.
      retry(call);
      return;
    }
    var unused =
        reply.whenComplete(
            (answer, failure) -> {
              if (failure == null && answer.isSuccess()) {
                call.result().complete(call.decode().apply(answer.getMessage().getContent()));
              } else if (failure == null
                  && answer.getException() instanceof StateMachineException refused) {
                call.result().completeExceptionally(refused);
              } else {
                path.notServed(leader, answer, failure);
                retry(call);
              }
            });
  }

  private void retry(Call<?> call) {
    retryLater.execute(() -> attempt(call));
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
