package io.highwater.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;

/** The broker's side of a stream to a client that reads when a test lets it. */
final class SlowClient<R> extends ServerCallStreamObserver<R> {
  private final List<R> sent = new ArrayList<>();
  private final int readyFor;
  private Runnable onReady = () -> {};
  private boolean isAutomatic = true;
  private int requested;
  private int unwritten;
  private boolean isComplete;
  private Throwable failure;

  /**
   * @param readyFor messages of which the transport takes so many until the client reads
   */
  SlowClient(int readyFor) {
    this.readyFor = readyFor;
  }

  /** Whether the stream wants one of the client's messages; then it is to be given one. */
  boolean takesOne() {
    if (isAutomatic) {
      return true;
    }
    if (requested == 0) {
      return false;
    }
    requested--;
    return true;
  }

  /** All that was sent. */
  List<R> sent() {
    return sent;
  }

  /** The client reads all that was sent. */
  void readAll() {
    unwritten = 0;
    onReady.run();
  }

  /** Whether the stream was ended, and without a failure. */
  boolean isComplete() {
    return isComplete;
  }

  /** What the stream was ended with, or null. */
  Throwable failure() {
    return failure;
  }

  private void isOpen() {
    assertThat(isComplete).isFalse();
    assertThat(failure).isNull();
  }

  @Override
  public void onNext(R message) {
    isOpen();
    sent.add(message);
    unwritten++;
  }

  @Override
  public boolean isReady() {
    return unwritten < readyFor;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  @Override
  public void disableAutoRequest() {
    isAutomatic = false;
  }

  @Override
  public void request(int count) {
    requested += count;
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  @SuppressWarnings("deprecation")
  public void disableAutoInboundFlowControl() {}

  @Override
  public void onError(Throwable cause) {
    isOpen();
    failure = cause;
  }

  @Override
  public void onCompleted() {
    isOpen();
    isComplete = true;
  }
}
