package io.highwater.client.producer;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;

/**
 * Why a record was not acknowledged. Its {@link #outcome()} is that of all tries together: UNKNOWN
 * when the record may be in the log all the same, so that sending it again may duplicate it;
 * REFUSED when it is not there and never will be (ACK-2).
 */
public final class ProduceFailure extends HighwaterException {
  private static final long serialVersionUID = 1L;

  ProduceFailure(ErrorCode code, Outcome outcome, String message) {
    super(
        code,
        outcome,
        message + (outcome == Outcome.REFUSED ? " (refused)" : " (may have been appended)"),
        null);
  }
}
