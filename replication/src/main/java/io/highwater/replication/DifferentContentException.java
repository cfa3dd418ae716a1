package io.highwater.replication;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/**
 * A log that reads well holds something else than other replicas of its partition (REP-9): it is
 * not served, and not deleted either, for it may be the right one.
 */
public final class DifferentContentException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message for people: both sides
   */
  public DifferentContentException(String message) {
    super(ErrorCode.KAFKA_STORAGE_ERROR, message);
  }
}
