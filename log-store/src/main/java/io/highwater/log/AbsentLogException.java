package io.highwater.log;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/**
 * A log may be in a log directory that was not there, or could not be opened, when the broker
 * started (REC-7): whatever it is, nothing was done to it since.
 */
public final class AbsentLogException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message for people: which directories
   */
  public AbsentLogException(String message) {
    super(ErrorCode.KAFKA_STORAGE_ERROR, message);
  }
}
