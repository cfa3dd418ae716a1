package io.highwater.client.producer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/** Why a record was not acknowledged. */
public final class ProduceFailure extends HighwaterException {
  private static final long serialVersionUID = 1L;

  private final boolean maybeAppended;

  /**
   * @param maybeAppended whether some try of the batch had no definite answer (ACK-2)
   */
  ProduceFailure(ErrorCode code, String message, boolean maybeAppended) {
    super(code, maybeAppended ? message + " (maybe appended)" : message);
    this.maybeAppended = maybeAppended;
  }

  /**
   * Whether the record may be in the log all the same: sending it again may duplicate it. False
   * means that it is not there and never will be.
   */
  public boolean maybeAppended() {
    return maybeAppended;
  }
}
