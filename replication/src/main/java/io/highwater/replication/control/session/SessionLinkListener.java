package io.highwater.replication.control.session;

/**
 * Hears the other end of a session's stream. On the owner loop, in the order sent.
 *
 * @param <M> what the other end sends
 */
public interface SessionLinkListener<M> {
  /** A message came. */
  void onMessage(M message);

  /**
   * The other end closed the stream or the connection broke; the last call.
   *
   * @param reason for people
   */
  void onClosed(String reason);
}
