package io.highwater.proto.grpc;

import java.util.function.IntConsumer;

/**
 * Keeps a stream's messages coming for as long as it lives. A request per message would cost where
 * they are many, and one for {@code Integer.MAX_VALUE} runs out: after days on a busy stream, which
 * then is silent for ever. So they are requested in bulk. One thread at a time.
 */
public final class MessageAllowance {
  static final int BULK = 1 << 20;

  private final IntConsumer request;
  private int received;

  /**
   * @param request asks gRPC for that many messages more
   */
  public MessageAllowance(IntConsumer request) {
    this.request = request;
  }

  /** Asks for the first messages; once, when the call has been started. */
  public void open() {
    request.accept(2 * BULK);
  }

  /** A message came. */
  public void received() {
    received++;
    if (received == BULK) {
      received = 0;
      request.accept(BULK);
    }
  }
}
