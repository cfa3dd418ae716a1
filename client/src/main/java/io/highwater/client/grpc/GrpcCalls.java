package io.highwater.client.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.highwater.client.BrokerAddress;
import io.highwater.client.BrokerUnreachableException;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Calls with one request and one answer over one connection, and what they end with. */
final class GrpcCalls {
  private final BrokerAddress address;
  private final ManagedChannel channel;
  private final CallOptions options;
  private boolean broken;

  /**
   * @param options with the executor that runs the callbacks: the client's loop
   */
  GrpcCalls(BrokerAddress address, ManagedChannel channel, CallOptions options) {
    this.address = address;
    this.channel = channel;
    this.options = options;
  }

  /** Whether a call found the connection broken. */
  boolean isBroken() {
    return broken;
  }

  /**
   * Calls.
   *
   * @param read makes the answer of the response; what it throws is what the call ends with
   */
  <Q, R, T> CompletableFuture<T> call(
      MethodDescriptor<Q, R> method, Q request, long timeoutMs, Function<R, T> read) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    CallOptions bounded = options.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS);
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, bounded),
        request,
        new StreamObserver<R>() {
          @Override
          public void onNext(R response) {
            try {
              answer.complete(read.apply(response));
            } catch (RuntimeException e) {
              answer.completeExceptionally(e);
            }
          }

          @Override
          public void onError(Throwable thrown) {
            answer.completeExceptionally(failure(thrown));
          }

          @Override
          public void onCompleted() {
            // An answer without a message: only a broken server does so.
            answer.completeExceptionally(
                failure(Status.INTERNAL.withDescription("no response").asRuntimeException()));
          }
        });
    return answer;
  }

  /** What a call ended with, as ours: it names the address, and notes a broken connection. */
  HighwaterException failure(Throwable thrown) {
    Metadata trailers = Status.trailersFromThrowable(thrown);
    boolean fromBroker = trailers != null && trailers.containsKey(StatusMapper.ERROR);
    HighwaterException failure = StatusMapper.fromThrowable(thrown);
    if (fromBroker) {
      return failure;
    }
    if (Status.fromThrowable(thrown).getCode() != Status.Code.UNAVAILABLE) {
      return new HighwaterException(
          failure.code(), failure.outcome(), address + ": " + failure.getMessage(), thrown);
    }
    broken = true;
    Throwable root = rootOf(thrown);
    String text = address + ": " + textOf(root);
    boolean neverConnected =
        root instanceof ConnectException
            || root instanceof UnknownHostException
            || (root instanceof SocketException && text.contains("unreachable"));
    return neverConnected
        ? new BrokerUnreachableException(text, thrown)
        : new HighwaterException(failure.code(), address + ": " + failure.getMessage(), thrown);
  }

  private static String textOf(Throwable root) {
    if (root instanceof UnknownHostException) {
      return "unknown host";
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private static Throwable rootOf(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }
}
