package io.highwater.client.consumer;

import io.highwater.client.LogStatus;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicPartition;
import java.nio.ByteBuffer;

/** What the fetcher has for the consumer, in the order of a partition's log. */
sealed interface FetchedItem {
  /** Which partition. */
  TopicPartition partition();

  /** Which seek of the partition it follows: those before a later seek are void. */
  long generation();

  /**
   * Whole batches, their frames checked but not their CRC.
   *
   * @param source gets the credit back once they are polled
   */
  record Batches(TopicPartition partition, long generation, ByteBuffer records, BrokerFetch source)
      implements FetchedItem {}

  /**
   * The position is gone.
   *
   * @param cause why
   * @param from the position
   * @param to where reading can go on
   * @param status where the log stands
   * @param reason for people
   */
  record Gap(
      TopicPartition partition,
      long generation,
      OffsetGapException.Cause cause,
      long from,
      long to,
      LogStatus status,
      String reason)
      implements FetchedItem {}

  /** No retry will help. */
  record Failed(TopicPartition partition, long generation, HighwaterException failure)
      implements FetchedItem {}
}
