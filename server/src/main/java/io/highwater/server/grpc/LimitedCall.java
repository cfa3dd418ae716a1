package io.highwater.server.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.proto.grpc.StatusMapper;
import io.highwater.server.fetch.ReaderMemory;

/**
 * A client's call that can be ended over its service's head, and whose answers are held against the
 * memory for readers until the transport has written them: what finds no room there ends the call
 * by name. To its service it is ready while little is unwritten and there is room for more. On the
 * owner loop.
 */
final class LimitedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  /** Least that gRPC allocates for a message, in pooled memory outside the heap. */
  private static final int MESSAGE_BYTES = 4 << 10;

  /** What is unwritten of a stream that is to stay ready. */
  private static final int READY_BYTES = 64 * MESSAGE_BYTES;

  private final ReaderMemory.Answers answers;
  private final UnfinishedMessages.Incoming incoming;
  private final UnreadStreams.Stream unread;
  private ServerCall.Listener<Q> service;
  private long unwrittenBytes;

  /** Messages that the service asked for and that did not come. */
  private int requested;

  private boolean over;

  /**
   * @param answers of this call; null when its service counts them itself
   */
  LimitedCall(
      ServerCall<Q, R> call, ReaderMemory.Answers answers, UnfinishedMessages.Incoming incoming) {
    super(call);
    this.answers = answers;
    this.incoming = incoming;
    incoming.begin(call, this::end);
    unread = call.getAttributes().get(UnreadStreams.CONNECTION).begin();
    // With one byte unwritten a call is not ready: so ready means that all was written.
    call.setOnReadyThreshold(1);
  }

  /** What the transport is to call. */
  ServerCall.Listener<Q> listener(ServerCall.Listener<Q> of) {
    service = of;
    return new Listener(of);
  }

  /** Ends the call, unless it is over, and has its service give it up. */
  void end(HighwaterException failure) {
    if (over) {
      return;
    }
    over = true;
    StatusRuntimeException named = StatusMapper.toException(failure);
    super.close(named.getStatus(), named.getTrailers());
    if (service != null) {
      service.onCancel();
    }
  }

  @Override
  public void request(int count) {
    requested += count;
    unread.reading(true);
    super.request(count);
  }

  @Override
  public boolean isReady() {
    if (over) {
      return false;
    }
    return unwrittenBytes == 0
        ? super.isReady()
        : unwrittenBytes < READY_BYTES && answers.hasRoom();
  }

  @Override
  public void sendHeaders(Metadata headers) {
    if (!over) {
      super.sendHeaders(headers);
    }
  }

  @Override
  public void sendMessage(R message) {
    if (over) {
      return;
    }
    if (answers == null) {
      super.sendMessage(message);
      return;
    }
    long bytes = Math.max(MESSAGE_BYTES, ((MessageLite) message).getSerializedSize());
    if (isFirstOfStream(bytes)) {
      answers.hold(bytes);
    } else if (!answers.take(bytes)) {
      end(
          new HighwaterException(
              ErrorCode.THROTTLING_QUOTA_EXCEEDED,
              Outcome.UNKNOWN,
              "no memory for an answer of " + bytes + " bytes: earlier ones are not read",
              null));
      return;
    }
    unwrittenBytes += bytes;
    super.sendMessage(message);
  }

  /** A small message takes no more than its open stream: with one at a time it goes on. */
  private boolean isFirstOfStream(long bytes) {
    return unwrittenBytes == 0
        && bytes <= MESSAGE_BYTES
        && !getMethodDescriptor().getType().serverSendsOneMessage();
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!over) {
      over = true;
      super.close(status, trailers);
    }
  }

  private void written() {
    if (answers != null) {
      answers.giveBack();
      unwrittenBytes = 0;
    }
  }

  private void ended() {
    unread.reading(true);
    written();
  }

  private final class Listener extends SimpleForwardingServerCallListener<Q> {
    Listener(ServerCall.Listener<Q> of) {
      super(of);
    }

    @Override
    public void onMessage(Q message) {
      requested--;
      super.onMessage(message);
      unread.reading(requested > 0);
    }

    @Override
    public void onHalfClose() {
      incoming.halfClosed();
      super.onHalfClose();
    }

    @Override
    public void onReady() {
      written();
      super.onReady();
    }

    @Override
    public void onCancel() {
      ended();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      ended();
      super.onComplete();
    }
  }
}
