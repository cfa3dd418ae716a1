package io.highwater.client.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.MessageAllowance;
import java.util.function.Function;

/**
 * A stream's life: its messages are never held back, and its end is told once, unless this side
 * ended it. On the client's loop.
 *
 * @param <Q> what is sent
 * @param <R> what comes
 */
abstract class GrpcStream<Q, R> extends ClientCall.Listener<R> {
  private final ClientCall<Q, R> call;
  private final Function<Throwable, HighwaterException> failures;
  private final MessageAllowance allowance;
  private boolean closed;

  /**
   * @param call not started yet
   * @param failures tells what a call ended with
   */
  GrpcStream(ClientCall<Q, R> call, Function<Throwable, HighwaterException> failures) {
    this.call = call;
    this.failures = failures;
    this.allowance = new MessageAllowance(call::request);
  }

  /** A message, while the stream is open. */
  abstract void received(R message);

  /** A message that came when nobody wanted it any more. */
  abstract void dropped(R message);

  /** The stream is over; last, once. */
  abstract void ended(HighwaterException cause);

  final void start() {
    call.start(this, new Metadata());
    allowance.open();
  }

  final void send(Q message) {
    call.sendMessage(message);
  }

  /** Ends the stream; nothing is told any more. */
  public void close() {
    closed = true;
    call.cancel("closed by the client", null);
  }

  @Override
  public final void onMessage(R message) {
    allowance.received();
    if (closed) {
      dropped(message);
    } else {
      received(message);
    }
  }

  @Override
  public final void onClose(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      Status cause =
          status.isOk()
              ? Status.UNAVAILABLE.withDescription("the broker ended the stream")
              : status;
      ended(failures.apply(cause.asRuntimeException(trailers)));
    }
  }
}
