package io.highwater.perf.embedded;

import io.highwater.perf.load.RecordSink;
import io.highwater.perf.load.SendCompletion;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/**
 * Sends blocks and reads their answers on the caller's thread, so many blocks later: a second
 * thread would be no floor.
 */
final class TcpFloorSink implements RecordSink {
  private final SocketChannel connection;
  private final int inFlight;
  private final ArrayDeque<OpenSends> unanswered = new ArrayDeque<>();
  private final ArrayDeque<OpenSends> free = new ArrayDeque<>();
  private final Block block = new Block();
  private final ByteBuffer answer = ByteBuffer.allocate(1);
  private OpenSends sends = new OpenSends();

  TcpFloorSink(SocketChannel connection, int inFlight) {
    this.connection = connection;
    this.inFlight = inFlight;
  }

  @Override
  public void send(int partition, byte[] payload, long token, SendCompletion completion) {
    if (!block.takes(payload.length)) {
      sendBlock();
    }
    block.add(payload);
    sends.add(token, completion);
  }

  @Override
  public void flush() {
    if (!block.isEmpty()) {
      sendBlock();
    }
    while (!unanswered.isEmpty()) {
      awaitAnswer();
    }
  }

  private void sendBlock() {
    if (unanswered.size() == inFlight) {
      awaitAnswer();
    }
    ByteBuffer bytes = block.close(0);
    unanswered.add(sends);
    sends = free.isEmpty() ? new OpenSends() : free.remove();
    try {
      while (bytes.hasRemaining()) {
        connection.write(bytes);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    block.reset();
  }

  private void awaitAnswer() {
    try {
      if (connection.read(answer.clear()) < 0) {
        throw new EOFException("the other side closed the connection");
      }
    } catch (IOException e) {
      throw failed(e);
    }
    OpenSends answered = unanswered.remove();
    answered.complete(null);
    free.add(answered);
  }

  private UncheckedIOException failed(IOException failure) {
    unanswered.forEach(open -> open.complete(failure));
    unanswered.clear();
    return new UncheckedIOException(failure);
  }

  @Override
  public void close() {
    try (connection) {
      flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
