package io.highwater.client;

import io.highwater.proto.Acks;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import java.nio.ByteBuffer;
import java.util.UUID;

/** A stream of batches to one broker, many in flight. On the loop only. */
public interface ProduceStream {
  /**
   * Sends a batch; only after the hello, within the credit.
   *
   * @param correlationId unique within the stream; the ack carries it
   * @param leaderEpoch the epoch that the sender believes in, or -1
   * @param timeoutMs how long the append may wait for its replicas
   * @param records one batch; its bytes are taken before this returns
   */
  void send(
      long correlationId,
      UUID topicId,
      int partition,
      int leaderEpoch,
      Acks acks,
      int timeoutMs,
      ByteBuffer records);

  /** Ends the stream; the listener hears no more. */
  void close();

  /** Hears the broker, on the loop. */
  interface Listener {
    /** The broker is there. First, once. */
    void onHello(Hello hello);

    /** The end of one batch's try. */
    void onAck(Ack ack);

    /** More may be sent. */
    void onCredit(Credit credit);

    /** The stream is over, whoever ended it; last, once. Batches without an ack are in doubt. */
    void onClosed(HighwaterException cause);
  }

  /**
   * The broker's first word.
   *
   * @param nodeId who answers
   * @param maxBatchBytes the largest batch that it takes
   * @param credit what may be sent at once
   */
  record Hello(int nodeId, int maxBatchBytes, Credit credit) {}

  /**
   * A durability receipt, or why there is none.
   *
   * @param correlationId of the batch
   * @param error NONE on success
   * @param outcome DONE exactly on success; of this try alone (ACK-2)
   * @param message for people; empty on success
   * @param baseOffset of the batch's first record
   * @param leaderEpoch of the leader that answers
   * @param replicas in-sync replicas that hold the batch
   * @param fsynced of these, how many fsynced it
   * @param duplicate whether an earlier try had succeeded
   * @param leader who to turn to instead, or null
   * @param throttleMs how long to wait before the next batch
   */
  record Ack(
      long correlationId,
      ErrorCode error,
      Outcome outcome,
      String message,
      long baseOffset,
      int leaderEpoch,
      int replicas,
      int fsynced,
      boolean duplicate,
      LeaderHint leader,
      int throttleMs) {}
}
