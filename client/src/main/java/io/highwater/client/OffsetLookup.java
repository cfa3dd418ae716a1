package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Asks a partition's leader for an offset, and the next leader when it has moved. Loop only. */
public final class OffsetLookup {
  private static final Backoff BETWEEN_TRIES = new Backoff(20, 250, 0.2);

  private final ClusterRouter router;
  private final TopicPartition partition;
  private final OffsetSpec spec;
  private final long deadlineNanos;
  private final CompletableFuture<OffsetListing> answer = new CompletableFuture<>();
  private int tries;

  /**
   * @param timeoutMs for everything
   */
  public OffsetLookup(
      ClusterRouter router, TopicPartition partition, OffsetSpec spec, long timeoutMs) {
    this.router = router;
    this.partition = partition;
    this.spec = spec;
    this.deadlineNanos = router.nanoTime() + timeoutMs * 1_000_000;
  }

  /**
   * Asks for an offset of each of several partitions.
   *
   * @param timeoutMs for everything
   * @return fails with {@link HighwaterException} when one of them does
   */
  public static CompletableFuture<Map<TopicPartition, OffsetListing>> all(
      ClusterRouter router, Map<TopicPartition, OffsetSpec> specs, long timeoutMs) {
    Map<TopicPartition, CompletableFuture<OffsetListing>> answers = new LinkedHashMap<>();
    specs.forEach(
        (partition, spec) ->
            answers.put(partition, new OffsetLookup(router, partition, spec, timeoutMs).start()));
    return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              Map<TopicPartition, OffsetListing> listings = new LinkedHashMap<>();
              answers.forEach((partition, answer) -> listings.put(partition, answer.join()));
              return listings;
            });
  }

  /**
   * Starts asking.
   *
   * @return fails with {@link HighwaterException}
   */
  public CompletableFuture<OffsetListing> start() {
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
              ErrorCode.LEADER_NOT_AVAILABLE, partition + " has no leader at the moment"));
      return;
    }
    OffsetQuery query = new OffsetQuery(partition, leader.epoch(), spec);
    long timeoutMs = Math.max(1, Math.min(remainingMs(), router.requestTimeoutMs()));
    Answers.handle(
        broker.get().listOffsets(List.of(query), timeoutMs),
        (answers, thrown) -> {
          if (thrown != null) {
            retry(thrown);
          } else {
            answered(answers.get(0));
          }
        });
  }

  private void answered(OffsetAnswer given) {
    if (given.error() == ErrorCode.NONE) {
      answer.complete(given.listing());
      return;
    }
    if (given.leader() != null) {
      router
          .view()
          .topic(partition.topic())
          .ifPresent(topic -> router.view().apply(partition, topic.topicId(), given.leader()));
    }
    retry(new HighwaterException(given.error(), partition + ": " + given.message()));
  }

  private void retry(Throwable cause) {
    boolean retriable = cause instanceof HighwaterException failure && failure.code().retriable();
    long delayMs = BETWEEN_TRIES.delayMs(tries, router.random());
    if (!retriable || remainingMs() <= delayMs) {
      answer.completeExceptionally(cause);
      return;
    }
    router.requestRefresh();
    router.schedule(delayMs, this::ask);
  }

  private long remainingMs() {
    return (deadlineNanos - router.nanoTime()) / 1_000_000;
  }
}
