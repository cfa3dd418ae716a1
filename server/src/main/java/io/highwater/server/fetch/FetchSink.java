package io.highwater.server.fetch;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.TopicIdPartition;
import io.highwater.replication.LogStatus;
import io.highwater.replication.LostRecords;
import io.highwater.server.partition.LeaderHint;
import java.nio.ByteBuffer;

/** Where a fetch session's frames go. On the owner loop. */
public interface FetchSink {
  /** Whether the transport takes more and the client's credit is not used up. */
  boolean takesRecords();

  /** Whether the transport takes more; what carries no records costs no credit. */
  boolean takesSignals();

  /**
   * Committed batches.
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
