package io.highwater.log;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/**
 * A partition's directory, or a file in it, is another's: nothing of it is served (STO-11). What is
 * there may be the only copy of something else, so it is never deleted.
 */
public final class ForeignLogException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which file, what was expected and what was found
   */
  public ForeignLogException(String message) {
    super(ErrorCode.KAFKA_STORAGE_ERROR, message);
  }
}
