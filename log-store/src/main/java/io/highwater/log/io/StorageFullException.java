package io.highwater.log.io;

import java.io.IOException;

/** No space, or no quota, is left on the device. */
public final class StorageFullException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Says what did not fit. */
  public StorageFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
