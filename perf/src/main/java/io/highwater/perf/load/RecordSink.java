package io.highwater.perf.load;

/** One producer client. Used by one thread at a time. */
public interface RecordSink extends AutoCloseable {
  /** The partition that leaves the choice to the client. */
  int ANY_PARTITION = -1;

  /**
   * Sends a record without a key. Blocks while the client's buffer is full.
   *
   * @param partition where to, or {@link #ANY_PARTITION}
   * @param payload borrowed for ever: never changed
   * @param token handed back; {@link SendCompletion#NO_TOKEN} asks for no record of its own, so
   *     that a client need allocate nothing to know which send has ended
   * @param completion called exactly once, with the token, also when the send fails at once; on any
   *     thread
   */
  void send(int partition, byte[] payload, long token, SendCompletion completion);

  /** Sends what is buffered and returns when every send before has ended. */
  void flush();

  @Override
  void close();
}
