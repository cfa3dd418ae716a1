package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.TopicPartition;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A question to a partition's leader, put to the next leader when it has moved. Loop only.
 *
 * @param <T> the answer
 */
public final class LeaderCall<T> {
  private static final Backoff BETWEEN_TRIES = new Backoff(20, 250, 0.2);

  private final ClusterRouter router;
  private final TopicPartition partition;
  private final Question<T> question;
  private final long deadlineNanos;
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private int tries;
  private boolean inDoubt;

  /**
   * @param timeoutMs for everything
   */
  public LeaderCall(
      ClusterRouter router, TopicPartition partition, Question<T> question, long timeoutMs) {
    this.router = router;
    this.partition = partition;
    this.question = question;
    this.deadlineNanos = router.nanoTime() + timeoutMs * 1_000_000;
  }

  /** What is asked. */
  @FunctionalInterface
  public interface Question<T> {
    /**
     * Asks.
     *
     * @param leaderEpoch the epoch that the asker believes in
     */
    CompletableFuture<LeaderAnswer<T>> ask(BrokerChannel leader, int leaderEpoch, long timeoutMs);
  }

  /**
   * Starts asking.
   *
   * @return fails with {@link HighwaterException}
   */
  public CompletableFuture<T> start() {
    Answers.handle(
        router.topic(partition.topic(), remainingMs()),
        (topic, thrown) -> {
          if (thrown != null) {
            answer.completeExceptionally(thrown);
          } else if (partition.partition() >= topic.partitions().size()) {
            answer.completeExceptionally(
                new HighwaterException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no partition " + partition));
          } else {
            ask();
          }
        });
    return answer;
  }

  private void ask() {
    tries++;
    PartitionLeader leader = router.view().leader(partition);
    Optional<BrokerChannel> broker =
        leader.exists() ? router.channel(leader.nodeId()) : Optional.empty();
    if (broker.isEmpty()) {
      retry(
          new HighwaterException(
              ErrorCode.LEADER_NOT_AVAILABLE,
              partition + ": " + router.view().whyLeaderless(partition)));
      return;
    }
    long timeoutMs = Math.max(1, Math.min(remainingMs(), router.requestTimeoutMs()));
    Answers.handle(
        question.ask(broker.get(), leader.epoch(), timeoutMs),
        (given, thrown) -> {
          if (thrown != null) {
            retry(thrown);
          } else {
            answered(given);
          }
        });
  }

  private void answered(LeaderAnswer<T> given) {
    if (given.error() == ErrorCode.NONE) {
      answer.complete(given.value());
      return;
    }
    if (given.leader() != null) {
      router
          .view()
          .topic(partition.topic())
          .ifPresent(topic -> router.view().apply(partition, topic.topicId(), given.leader()));
    }
    retry(
        new HighwaterException(
            given.error(), given.outcome(), partition + ": " + given.message(), null));
  }

  private void retry(Throwable cause) {
    if (!(cause instanceof HighwaterException failure)) {
      answer.completeExceptionally(cause);
      return;
    }
    inDoubt |= failure.outcome() == Outcome.UNKNOWN;
    long delayMs = BETWEEN_TRIES.delayMs(tries, router.random());
    if (!failure.code().retriable() || remainingMs() <= delayMs) {
      answer.completeExceptionally(inDoubt ? doubtful(failure) : failure);
      return;
    }
    router.requestRefresh();
    router.schedule(delayMs, this::ask);
  }

  /** An earlier try may have had its effect, whatever became of the last one (ACK-2). */
  private static HighwaterException doubtful(HighwaterException failure) {
    return failure.outcome() == Outcome.UNKNOWN
        ? failure
        : new HighwaterException(failure.code(), Outcome.UNKNOWN, failure.getMessage(), failure);
  }

  private long remainingMs() {
    return (deadlineNanos - router.nanoTime()) / 1_000_000;
  }
}
