package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.grpc.StatusMapper;
import java.util.ArrayDeque;

/**
 * A broker's answers on one client's stream, in their order: they wait while the client does not
 * read, and what the stream ends with goes last. As many wait as its stream lets come; that should
 * read nothing more while there are any. On the owner loop.
 */
final class UnsentAnswers<R> {
  private final ServerCallStreamObserver<R> client;
  private final ArrayDeque<R> unsent = new ArrayDeque<>();

  /** Null while the stream goes on. */
  private Runnable end;

  private boolean over;

  UnsentAnswers(ServerCallStreamObserver<R> client) {
    this.client = client;
  }

  /** One answer more; dropped if the stream is to end. */
  void add(R answer) {
    if (end == null && !over) {
      unsent.add(answer);
      send();
    }
  }

  /** Sends what the client's reading lets out; to be called when it is ready, too. */
  void send() {
    while (!over && !unsent.isEmpty() && client.isReady()) {
      client.onNext(unsent.remove());
    }
    if (!over && unsent.isEmpty() && end != null) {
      over = true;
      end.run();
    }
  }

  /** Whether all are sent. */
  boolean isEmpty() {
    return unsent.isEmpty();
  }

  /** Whether nothing can be said on the stream any more. */
  boolean isOver() {
    return over;
  }

  /** The stream ends once all are sent. */
  void complete() {
    endWith(client::onCompleted);
  }

  /** The stream ends by name once all are sent. */
  void fail(HighwaterException failure) {
    endWith(() -> client.onError(StatusMapper.toException(failure)));
  }

  private void endWith(Runnable last) {
    if (end == null) {
      end = last;
    }
    send();
  }

  /** The stream ends by name, at once. */
  void failNow(HighwaterException failure) {
    unsent.clear();
    fail(failure);
  }

  /** The client is gone. */
  void drop() {
    over = true;
    unsent.clear();
  }
}
