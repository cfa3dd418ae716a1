package io.highwater.log.io;

import java.io.IOException;

/** Somebody else holds the lock that was asked for. */
public final class StorageLockedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names the lock. */
  public StorageLockedException(String message) {
    super(message);
  }
}
