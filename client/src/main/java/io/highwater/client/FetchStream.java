package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A stream of stored batches from one broker, for many partitions. On the loop only. */
public interface FetchStream {
  /**
   * Starts one partition, or moves it.
   *
   * @param leaderEpoch the epoch that the reader believes in, or -1
   * @param position the first offset wanted, and what is known of how the reader came there
   * @param fromFollower whether the broker may send it as an in-sync follower; no error is final
   *     then
   */
  void position(
      UUID topicId, int partition, int leaderEpoch, Position position, boolean fromFollower);

  /**
   * Where a reader stands.
   *
   * @param offset the next one it wants
   * @param lastEpoch leader epoch of the record before it, or -1
   * @param offsetEpoch without that, the leader epoch in which it was told the offset, or -1
   */
  record Position(long offset, int lastEpoch, int offsetEpoch) {}

  /**
   * Lets the broker send more.
   *
   * @param bytes of batches, cumulative since the stream began
   */
  void credit(long bytes);

  /** Ends the stream; the listener hears no more. */
  void close();

  /** Hears the broker, on the loop. */
  interface Listener {
    /** A frame. Its buffer is the listener's to keep. */
    void onFrame(Frame frame);

    /**
     * The next batch does not fit into the credit.
     *
     * @param bytes the cumulative credit with which it comes
     */
    void onCreditNeeded(long bytes);

    /** The stream is over, whoever ended it; last, once. */
    void onClosed(HighwaterException cause);
  }

  /** What a frame says. */
  enum Kind {
    /** Whole batches. */
    BATCH,
    /** The high watermark moved. */
    WATERMARK,
    /** Everything committed has been sent. */
    CAUGHT_UP,
    /**
     * The position is gone, reading goes on at the log start offset; or what was read before is
     * lost.
     */
    GAP,
    /** The partition has ended on this stream. */
    ERROR
  }

  /**
   * A frame.
   *
   * @param kind what it says
   * @param topicId which topic
   * @param partition which partition
   * @param error for ERROR: why
   * @param message for people
   * @param status where the log stands
   * @param leader for ERROR: who to turn to instead, or null
   * @param gapFrom for GAP: the offset that is gone
   * @param lost for GAP: what was read and is lost, or may be; null when the records were deleted
   * @param records for BATCH: whole batches; else empty
   */
  record Frame(
      Kind kind,
      UUID topicId,
      int partition,
      ErrorCode error,
      String message,
      LogStatus status,
      LeaderHint leader,
      long gapFrom,
      Lost lost,
      ByteBuffer records) {}

  /**
   * What a reader has read and is lost, or may be.
   *
   * @param fromOffset the first offset of it
   * @param certain whether it is known to be: what follows begins at {@code fromOffset} then, else
   *     where the reader stands
   * @param text for people
   */
  record Lost(long fromOffset, boolean certain, String text) {}
}
