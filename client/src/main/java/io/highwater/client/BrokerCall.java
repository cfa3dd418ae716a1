package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A question that any broker can answer: put to one after the other, round after round, until one
 * answers, an error is final, or time is over. When nobody can be reached it gives up soon. Loop
 * only.
 *
 * @param <T> the answer
 */
final class BrokerCall<T> {
  private static final Backoff BETWEEN_ROUNDS = new Backoff(50, 400, 0.2);

  private final ClusterRouter router;
  private final Question<T> question;
  private final boolean repeatable;
  private final int maxUnreachableRounds;
  private final long deadlineNanos;
  private final long tryTimeoutMs;

  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final ArrayDeque<BrokerAddress> round = new ArrayDeque<>();
  private final Map<BrokerAddress, String> unreachable = new LinkedHashMap<>();
  private int rounds;
  private boolean anyReached;
  private HighwaterException lastFailure;

  /** What is asked. */
  interface Question<T> {
    CompletableFuture<T> ask(BrokerChannel broker, long timeoutMs);
  }

  /**
   * @param repeatable whether the question may be put again when the outcome of a try is unknown
   * @param maxUnreachableRounds rounds in which nobody could be reached before giving up
   */
  BrokerCall(
      ClusterRouter router,
      Question<T> question,
      boolean repeatable,
      int maxUnreachableRounds,
      long timeoutMs) {
    this(router, question, repeatable, maxUnreachableRounds, timeoutMs, router.requestTimeoutMs());
  }

  /**
   * @param tryTimeoutMs how long one broker has to answer a question that may be repeated
   */
  BrokerCall(
      ClusterRouter router,
      Question<T> question,
      boolean repeatable,
      int maxUnreachableRounds,
      long timeoutMs,
      long tryTimeoutMs) {
    this.router = router;
    this.tryTimeoutMs = tryTimeoutMs;
    this.question = question;
    this.repeatable = repeatable;
    this.maxUnreachableRounds = maxUnreachableRounds;
    this.deadlineNanos = router.nanoTime() + timeoutMs * 1_000_000;
  }

  CompletableFuture<T> start() {
    tryNext();
    return answer;
  }

  private void tryNext() {
    if (router.isClosed()) {
      answer.completeExceptionally(
          new HighwaterException(ErrorCode.NETWORK_EXCEPTION, "the client was closed"));
      return;
    }
    if (round.isEmpty() && !beginRound()) {
      return;
    }
    BrokerAddress address = round.pollFirst();
    long remainingMs = remainingMs();
    long timeoutMs = repeatable ? Math.min(remainingMs, tryTimeoutMs) : remainingMs;
    if (timeoutMs <= 0) {
      giveUp();
      return;
    }
    Answers.handle(
        question.ask(router.channel(address), timeoutMs),
        (value, thrown) -> answered(address, value, thrown));
  }

  private void answered(BrokerAddress address, T value, Throwable thrown) {
    if (thrown == null) {
      router.answered(address);
      answer.complete(value);
      return;
    }
    if (!(thrown instanceof HighwaterException failure)) {
      answer.completeExceptionally(thrown);
      return;
    }
    router.failed(address);
    lastFailure = failure;
    if (failure instanceof BrokerUnreachableException) {
      unreachable.put(address, failure.getMessage());
    } else {
      anyReached = true;
      if (isFinal(failure)) {
        answer.completeExceptionally(failure);
        return;
      }
    }
    tryNext();
  }

  private boolean beginRound() {
    if (rounds > 0 && !anyReached && rounds >= maxUnreachableRounds) {
      giveUp();
      return false;
    }
    round.addAll(router.candidates());
    rounds++;
    if (rounds == 1) {
      return true;
    }
    long delayMs = BETWEEN_ROUNDS.delayMs(rounds - 1, router.random());
    if (remainingMs() <= delayMs) {
      giveUp();
      return false;
    }
    router.schedule(delayMs, this::tryNext);
    return false;
  }

  private void giveUp() {
    if (anyReached) {
      answer.completeExceptionally(lastFailure);
    } else {
      answer.completeExceptionally(
          new BrokerUnreachableException(
              "no broker can be reached: " + String.join("; ", unreachable.values()), lastFailure));
    }
  }

  private long remainingMs() {
    return (deadlineNanos - router.nanoTime()) / 1_000_000;
  }

  private boolean isFinal(HighwaterException failure) {
    if (!repeatable && failure.outcome() == Outcome.UNKNOWN) {
      return true;
    }
    return switch (failure.code()) {
      // Any broker knows the topics: there is nobody better to ask.
      case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> true;
      default -> !failure.code().retriable();
    };
  }
}
