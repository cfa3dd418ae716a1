package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LogStatus;
import io.highwater.replication.LostRecords;
import io.highwater.server.partition.LeaderHint;
import java.nio.ByteBuffer;

/** Where a fetch session's frames go. On the owner loop. */
public interface FetchSink {
  /** Whether the transport takes more and the client's credit is not used up. */
  boolean takesRecords();

  /**
   * Takes room for one read of stored batches.
   *
   * @param leastBytes with less nothing can be read
   * @param mostBytes at least {@code leastBytes}
   * @return between the two, to be used up by {@link #records} or given back by {@link #unreserve};
   *     or 0: then the sink takes no records until it resumes the session
   * @throws HighwaterException when there will never be as much
   */
  int reserve(TopicIdPartition id, long nextOffset, int leastBytes, int mostBytes);

  /** Gives back what a read did not need. */
  void unreserve(int bytes);

  /** Whether the transport has taken all there was; what carries no records costs no credit. */
  boolean takesSignals();

  /** Whether a partition may be said to be caught up, possibly behind records on their way. */
  boolean takesCaughtUp();

  /**
   * Committed batches, of at most the bytes that were reserved for the read.
   *
   * @param wantedOffset the first batch may begin below it
   * @param records the sink's now; it gives them back to the reader they came from
   */
  void records(TopicIdPartition id, long wantedOffset, ByteBuffer records, LogStatus status);

  /** The high watermark moved, and what it uncovered waits for credit. */
  void watermark(TopicIdPartition id, LogStatus status);

  /** Everything committed has been sent. */
  void caughtUp(TopicIdPartition id, LogStatus status);

  /** The records from {@code fromOffset} to the log start are gone; reading goes on there. */
  void gap(TopicIdPartition id, long fromOffset, LogStatus status);

  /** What the reader has read is lost, or may be; reading goes on at {@code lost.nextOffset()}. */
  void lost(TopicIdPartition id, LostRecords lost, LogStatus status);

  /**
   * The subscription is over.
   *
   * @param nextOffset the first offset that was not sent
   * @param leader where to go, or null
   */
  void ended(TopicIdPartition id, ErrorCode error, String text, long nextOffset, LeaderHint leader);
}
