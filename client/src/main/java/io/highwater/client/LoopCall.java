package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A question asked on the client's loop by a thread that waits for the answer. */
public final class LoopCall {
  // The question knows better than we why it took too long: it is heard first.
  private static final long GRACE_MS = 500;

  private LoopCall() {}

  /**
   * Asks, and blocks until the answer is there.
   *
   * @param timeoutMs how long the question itself may take
   * @param what is waited for, for the error text
   * @param question asked on the loop
   * @throws HighwaterException what the answer failed with, or REQUEST_TIMED_OUT
   * @throws CancellationException when interrupted; the flag stays set
   * @throws IllegalStateException on the loop itself, which would wait for ever
   */
  public static <T> T await(
      ClientLoop loop, long timeoutMs, String what, Supplier<CompletableFuture<T>> question) {
    if (loop.inLoop()) {
      throw new IllegalStateException(what + " cannot be waited for on the client's event loop");
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(() -> ask(question, answer));
    try {
      return answer.get(timeoutMs + GRACE_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HighwaterException(
          ErrorCode.REQUEST_TIMED_OUT, what + ": no answer within " + timeoutMs + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancellationException cancelled = new CancellationException("interrupted: " + what);
      cancelled.initCause(e);
      throw cancelled;
    } catch (ExecutionException e) {
      throw asRuntime(e.getCause());
    }
  }

  /**
   * Runs a task on the loop, and blocks until it is done.
   *
   * @throws HighwaterException REQUEST_TIMED_OUT when the loop is too busy
   * @throws CancellationException when interrupted; the flag stays set
   */
  public static void run(ClientLoop loop, long timeoutMs, String what, Runnable task) {
    await(
        loop,
        timeoutMs,
        what,
        () -> {
          task.run();
          return CompletableFuture.completedFuture(null);
        });
  }

  private static <T> void ask(
      Supplier<CompletableFuture<T>> question, CompletableFuture<T> answer) {
    try {
      Answers.handle(
          question.get(),
          (value, thrown) -> {
            if (thrown == null) {
              answer.complete(value);
            } else {
              answer.completeExceptionally(asRuntime(thrown));
            }
          });
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  private static RuntimeException asRuntime(Throwable thrown) {
    if (thrown instanceof HighwaterException failure) {
      return failure;
    }
    return thrown instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("unexpected failure on the client's loop", thrown);
  }
}
