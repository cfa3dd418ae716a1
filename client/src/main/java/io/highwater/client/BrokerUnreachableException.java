package io.highwater.client;

import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;

/** No connection to a broker could be made: the request was never sent. */
public final class BrokerUnreachableException extends HighwaterException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which address, and why
   */
  public BrokerUnreachableException(String message, Throwable cause) {
    super(ErrorCode.BROKER_NOT_AVAILABLE, message, cause);
  }
}
