package io.highwater.replication.control.grpc;

import io.grpc.Status;

/** Why a call ended, in one line for logs. */
final class StatusText {
  private StatusText() {}

  static String of(Status status) {
    StringBuilder text = new StringBuilder(status.getCode().name());
    if (status.getDescription() != null) {
      text.append(": ").append(status.getDescription());
    }
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      text.append(" (").append(cause.getMessage()).append(')');
    }
    return text.toString();
  }
}
