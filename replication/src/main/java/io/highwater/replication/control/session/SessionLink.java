package io.highwater.replication.control.session;

/**
 * One end of a session's stream. On the owner loop. Calls after the stream closed do nothing.
 *
 * @param <M> what this end sends
 */
public interface SessionLink<M> {
  /** Sends a message; messages arrive in order, and only a suffix is ever lost. */
  void send(M message);

  /** Closes the stream after what was sent; this end's listener is not called any more. */
  void close();
}
