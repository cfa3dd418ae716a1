package io.highwater.client;

import io.highwater.proto.ErrorCode;

/**
 * What a producer makes of a broker's answer to a batch. Pure.
 *
 * <p>What a batch may be sent again as is another question, which the answer's outcome decides:
 * only a batch that is certainly in no log may be given another sequence number (ACK-2, KIP-360).
 */
public final class RetryPolicy {
  private RetryPolicy() {}

  /** What to do with a batch. */
  public enum Action {
    /** It is in the log. */
    ACKNOWLEDGE,
    /** Send it again, with the same sequence. */
    RETRY,
    /** Its sequence does not follow what the broker knows. */
    RESEQUENCE,
    /** It will never be accepted. */
    FAIL
  }

  /**
   * What an answer to a batch means.
   *
   * @param error what the broker answered; NONE for success
   */
  public static Action actionOn(ErrorCode error) {
    return switch (error) {
      case NONE, DUPLICATE_SEQUENCE_NUMBER -> Action.ACKNOWLEDGE;
      case OUT_OF_ORDER_SEQUENCE_NUMBER,
          UNKNOWN_PRODUCER_ID,
          INVALID_PRODUCER_EPOCH,
          PRODUCER_STATE_LOST ->
          Action.RESEQUENCE;
      default -> error.retriable() ? Action.RETRY : Action.FAIL;
    };
  }
}
