package io.highwater.replication.leader;

import io.highwater.log.AppendResult;
import io.highwater.proto.ErrorCode;
import io.highwater.replication.AppendListener;
import io.highwater.replication.AppendReceipt;
import io.highwater.replication.Cancellable;

/** An append whose listener waits for the high watermark. On the owner loop. */
final class PendingAppend implements Cancellable {
  private final AppendResult result;
  private AppendListener listener;

  PendingAppend(AppendResult result, AppendListener listener) {
    this.result = result;
    this.listener = listener;
  }

  AppendResult result() {
    return result;
  }

  /** The high watermark that commits it. */
  long endOffset() {
    return result.lastOffset() + 1;
  }

  boolean isCancelled() {
    return listener == null;
  }

  void appended(AppendReceipt receipt) {
    if (listener != null) {
      listener.onAppended(receipt);
    }
  }

  void failed(ErrorCode error, String text) {
    if (listener != null) {
      listener.onFailed(error, true, text);
    }
  }

  @Override
  public void cancel() {
    listener = null;
  }
}
