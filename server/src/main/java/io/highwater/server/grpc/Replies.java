package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends unary calls with what a future brings. */
final class Replies {
  private static final Logger LOG = LoggerFactory.getLogger(Replies.class);

  private Replies() {}

  /** Answers the call when the future is done, with a named error when it failed. */
  static <T, R> void reply(
      CompletableFuture<T> future, Function<T, R> toMessage, StreamObserver<R> call) {
    CompletableFuture<Void> unused =
        future.handle(
            (value, failure) -> {
              if (failure == null) {
                send(toMessage.apply(value), call);
              } else {
                fail(asNamed(failure), call);
              }
              return null;
            });
  }

  /** What is thrown by name before there is a future fails the future. */
  static <T> CompletableFuture<T> named(Supplier<CompletableFuture<T>> step) {
    try {
      return step.get();
    } catch (HighwaterException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Answers the call, unless nobody waits for it any more. */
  static <R> void send(R message, StreamObserver<R> call) {
    if (!isCancelled(call)) {
      call.onNext(message);
      call.onCompleted();
    }
  }

  /** Fails the call. */
  static void fail(HighwaterException failure, StreamObserver<?> call) {
    LOG.debug("call failed: {} {}", failure.code(), failure.getMessage());
    if (!isCancelled(call)) {
      call.onError(StatusMapper.toException(failure));
    }
  }

  private static boolean isCancelled(StreamObserver<?> call) {
    return call instanceof ServerCallStreamObserver<?> observer && observer.isCancelled();
  }

  /** The named error behind a future's failure; an unforeseen one is logged and named as such. */
  static HighwaterException asNamed(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof HighwaterException named) {
      return named;
    }
    LOG.warn("a call failed unexpectedly", cause);
    return new HighwaterException(ErrorCode.UNKNOWN_SERVER_ERROR, "unexpected: " + cause, cause);
  }
}
