package io.highwater.replication;

import io.highwater.proto.ErrorCode;

/** Hears, once and on the owner loop, how an append ended. May be called before append returns. */
public interface AppendListener {
  /** The batch is as safe as the caller's acks asked for. */
  void onAppended(AppendReceipt receipt);

  /**
   * The append failed.
   *
   * @param error why
   * @param maybeAppended true: the batch is in the leader's log and may yet be committed (ACK-2);
   *     false: it will never be visible
   * @param text for people
   */
  void onFailed(ErrorCode error, boolean maybeAppended, String text);
}
