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
   * @param fetchOffset the first offset wanted
   * @param lastFetchedEpoch leader epoch of the record before it, or -1
   * @param fromFollower whether the broker may send it as an in-sync follower; no error is final
   *     then
   */
  void position(
      UUID topicId,
      int partition,
      int leaderEpoch,
      long fetchOffset,
      int lastFetchedEpoch,
      boolean fromFollower);

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
    /** The position is gone; reading can go on at the log start offset. */
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
      ByteBuffer records) {}
}
