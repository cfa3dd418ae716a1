package io.highwater.client;

import io.highwater.proto.ErrorCode;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a producer makes of a broker's answer to a batch. Pure.
 *
 * <p>Whether a refusal is definite matters more than whether it can be retried: only a batch that
 * is certainly in no log may be given another sequence number (ACK-2, KIP-360). Errors that a
 * leader can also answer after the append, because leadership or replicas went away meanwhile, are
 * not definite.
 */
public final class RetryPolicy {
  private static final Set<ErrorCode> DEFINITE =
      EnumSet.of(
          ErrorCode.CORRUPT_MESSAGE,
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
          ErrorCode.UNKNOWN_TOPIC_ID,
          ErrorCode.LEADER_NOT_AVAILABLE,
          ErrorCode.UNKNOWN_LEADER_EPOCH,
          ErrorCode.MESSAGE_TOO_LARGE,
          ErrorCode.INVALID_RECORD,
          ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
          ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
          ErrorCode.NOT_ENOUGH_REPLICAS,
          ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
          ErrorCode.INVALID_PRODUCER_EPOCH,
          ErrorCode.UNKNOWN_PRODUCER_ID,
          ErrorCode.PRODUCER_STATE_LOST,
          ErrorCode.INVALID_TOPIC_EXCEPTION,
          ErrorCode.INVALID_REQUEST,
          ErrorCode.STORAGE_FULL,
          ErrorCode.THROTTLING_QUOTA_EXCEEDED,
          ErrorCode.INVALID_TIMESTAMP);

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

  /**
   * Whether an error says that this try of the batch is in no log and never will be.
   *
   * @param error what the broker answered
   */
  public static boolean isDefinite(ErrorCode error) {
    return DEFINITE.contains(error);
  }
}
