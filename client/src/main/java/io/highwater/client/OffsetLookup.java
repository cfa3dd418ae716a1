package io.highwater.client;

import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Asks partitions' leaders for offsets. Loop only. */
public final class OffsetLookup {
  private OffsetLookup() {}

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
        (partition, spec) -> answers.put(partition, one(router, partition, spec, timeoutMs)));
    return CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              Map<TopicPartition, OffsetListing> listings = new LinkedHashMap<>();
              answers.forEach((partition, answer) -> listings.put(partition, answer.join()));
              return listings;
            });
  }

  /**
   * Asks for an offset of one partition.
   *
   * @param timeoutMs for everything
   * @return fails with {@link HighwaterException}
   */
  public static CompletableFuture<OffsetListing> one(
      ClusterRouter router, TopicPartition partition, OffsetSpec spec, long timeoutMs) {
    LeaderCall.Question<OffsetListing> question =
        (leader, leaderEpoch, callTimeoutMs) ->
            leader
                .listOffsets(List.of(new OffsetQuery(partition, leaderEpoch, spec)), callTimeoutMs)
                .thenApply(answers -> answers.get(0));
    return new LeaderCall<>(router, partition, question, timeoutMs).start();
  }
}
