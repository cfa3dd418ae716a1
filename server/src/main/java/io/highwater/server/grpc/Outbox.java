package io.highwater.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.server.fetch.ReaderMemory;

/**
 * What one stream has given the transport that is not written yet, held against the memory for
 * readers. The stream's ready threshold is one byte ({@link ReaderConnections}): ready means that
 * everything was written. On the owner loop.
 */
final class Outbox {
  /** Least that gRPC allocates for a message, in pooled memory outside the heap. */
  private static final int MESSAGE_BYTES = 4 << 10;

  private static final int MAX_SIGNALS = 64;

  private final ServerCallStreamObserver<?> client;
  private final ReaderMemory.Reader room;
  private final int maxTake;
  private long unwrittenBytes;
  private int signals;

  /**
   * @param onRoom called when the transport has written everything, or there is memory again that
   *     was missing
   */
  Outbox(ServerCallStreamObserver<?> client, ReaderMemory.Call call, Runnable onRoom) {
    this.client = client;
    this.room = call.open(onRoom);
    this.maxTake = call.maxTake();
    client.setOnReadyHandler(
        () -> {
          written();
          onRoom.run();
        });
  }

  private void written() {
    room.hold(-unwrittenBytes);
    unwrittenBytes = 0;
    signals = 0;
  }

  /** Whether everything was written. */
  boolean isEmpty() {
    return client.isReady();
  }

  /** Whether everything was written and no memory is waited for. */
  boolean takesRecords() {
    return client.isReady() && !room.isWaiting();
  }

  /** Whether a small message may follow what is not written yet; one always may. */
  boolean takesSignals() {
    return signals == 0 || (signals < MAX_SIGNALS && room.isWithinPart());
  }

  /** The most that can be reserved at once. */
  int maxReserve() {
    return maxTake;
  }

  /**
   * Takes memory for what is to be sent.
   *
   * @return between the two, or 0 when it is waited for
   * @throws HighwaterException MESSAGE_TOO_LARGE when there will never be as much
   */
  int reserve(int leastBytes, int mostBytes) {
    if (leastBytes > maxTake) {
      throw new HighwaterException(
          ErrorCode.MESSAGE_TOO_LARGE,
          leastBytes
              + " bytes are more than the "
              + maxTake
              + " that one reader may be sent at once");
    }
    return room.take(leastBytes, mostBytes);
  }

  /** Takes memory for more of what is under way; returns whether there was as much. */
  boolean reserveMore(int bytes) {
    return room.takeMore(bytes);
  }

  /** Gives back what was reserved and is not needed. */
  void unreserve(long bytes) {
    room.hold(-bytes);
  }

  /** Counts what is held beyond what was reserved or, negative, less. */
  void hold(long bytes) {
    room.hold(bytes);
  }

  /** A message of reserved bytes goes to the transport. */
  void sending(int bytes) {
    unwrittenBytes += bytes;
    if (bytes < MESSAGE_BYTES) {
      unwrittenBytes += MESSAGE_BYTES - bytes;
      room.hold(MESSAGE_BYTES - bytes);
    }
  }

  /** A message without records goes to the transport. */
  void signalling() {
    signals++;
    sending(0);
  }

  /** The stream is over; the transport drops what it has. */
  void close() {
    room.close();
  }
}
