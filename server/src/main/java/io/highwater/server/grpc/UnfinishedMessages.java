package io.highwater.server.grpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.highwater.proto.ErrorCode;
import io.highwater.proto.HighwaterException;
import io.highwater.proto.Outcome;
import io.highwater.replication.OwnerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Bounds what lies in memory of clients' messages that did not come whole yet, by connection and in
 * all, and the time until they have (INP-1). Whoever goes over is refused by name; while somebody
 * is, those of whose message nothing more comes are ended, too. A request of a unary call is whole
 * once the client has said that it is. On the owner loop, where the listener lives.
 */
public final class UnfinishedMessages extends ServerStreamTracer.Factory {
  /** Of a connection. */
  static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("unfinished-messages");

  private static final Context.Key<Incoming> CURRENT = Context.key("incoming-message");

  private static final int CONNECTION_PART = 4;

  /** A part of a message may keep a whole network buffer. */
  private static final int LEAST_BYTES = 16 << 10;

  private static final int STALLED_SECONDS = 2;
  private static final int SECOND_MS = 1_000;

  private final long maxBytes;
  private final int maxSeconds;
  private final OwnerLoop loop;
  private final List<Incoming> watched = new ArrayList<>();

  private long heldBytes;
  private int seconds;
  private boolean ticking;

  /** Until then somebody lacked memory a moment ago. */
  private int shortUntil;

  /**
   * @param maxBytes in all; a connection has a quarter
   * @param maxMs from a message's first byte, or a unary call's beginning, to its last
   */
  UnfinishedMessages(long maxBytes, long maxMs, OwnerLoop loop) {
    this.maxBytes = maxBytes;
    this.maxSeconds = (int) Math.min(Integer.MAX_VALUE, (maxMs + SECOND_MS - 1) / SECOND_MS);
    this.loop = loop;
  }

  /** Bytes held by all connections. */
  long heldBytes() {
    return heldBytes;
  }

  /** The messages of the call that begins on this thread. */
  static Incoming ofCurrentCall() {
    return CURRENT.get();
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return newIncoming();
  }

  /** The messages of a call that is to begin. */
  Incoming newIncoming() {
    return new Incoming();
  }

  private void tickSoon() {
    if (!ticking) {
      ticking = true;
      loop.schedule(SECOND_MS, this::tick);
    }
  }

  private void tick() {
    ticking = false;
    seconds++;
    boolean isShort = seconds <= shortUntil;
    watched.removeIf(incoming -> !incoming.isStillAwaited(isShort));
    if (!watched.isEmpty()) {
      tickSoon();
    }
  }

  /** What a connection holds. */
  static final class Connection {
    private long heldBytes;
  }

  /** The messages of one call, of which one may be unfinished. */
  final class Incoming extends ServerStreamTracer {
    private Connection connection;
    private Consumer<HighwaterException> onRefused;
    private long unfinishedBytes;
    private int since;
    private int progressed;
    private boolean isUnary;
    private boolean awaited;
    private boolean isWatched;
    private boolean checking;

    @Override
    public Context filterContext(Context context) {
      return context.withValue(CURRENT, this);
    }

    /**
     * The call begins.
     *
     * @param end ends it by name
     */
    void begin(ServerCall<?, ?> call, Consumer<HighwaterException> end) {
      connection = call.getAttributes().get(CONNECTION);
      onRefused = end;
      isUnary = call.getMethodDescriptor().getType().clientSendsOneMessage();
      if (isUnary) {
        await();
      }
    }

    /** The client has said all. */
    void halfClosed() {
      finished();
    }

    private void await() {
      awaited = true;
      since = seconds;
      progressed = seconds;
      if (!isWatched) {
        isWatched = true;
        watched.add(this);
        tickSoon();
      }
    }

    @Override
    public void inboundMessage(int number) {
      if (connection != null) {
        await();
        hold(LEAST_BYTES);
      }
    }

    @Override
    public void inboundWireSize(long bytes) {
      if (awaited) {
        hold(bytes);
        progressed = seconds;
        if (isOver() && !checking) {
          checking = true;
          // By then it may be whole.
          loop.execute(this::check);
        }
      }
    }

    @Override
    public void inboundMessageRead(int number, long wireBytes, long inflatedBytes) {
      if (!isUnary) {
        finished();
      }
    }

    @Override
    public void streamClosed(Status status) {
      finished();
      connection = null;
      onRefused = null;
    }

    private void hold(long bytes) {
      unfinishedBytes += bytes;
      connection.heldBytes += bytes;
      heldBytes += bytes;
    }

    private void finished() {
      awaited = false;
      if (unfinishedBytes > 0) {
        hold(-unfinishedBytes);
      }
    }

    private boolean isOver() {
      return heldBytes > maxBytes || connection.heldBytes > maxBytes / CONNECTION_PART;
    }

    private void check() {
      checking = false;
      if (awaited && isOver()) {
        shortUntil = seconds + STALLED_SECONDS + 1;
        end(
            new HighwaterException(
                ErrorCode.THROTTLING_QUOTA_EXCEEDED,
                Outcome.UNKNOWN,
                "messages that did not come whole hold "
                    + connection.heldBytes
                    + " bytes of this connection, "
                    + heldBytes
                    + " in all: no memory for more (request.memory.ratio)",
                null));
      }
    }

    private boolean isStillAwaited(boolean isShort) {
      if (awaited && seconds - since > maxSeconds) {
        end(
            new HighwaterException(
                ErrorCode.REQUEST_TIMED_OUT,
                Outcome.UNKNOWN,
                "the message did not come whole within "
                    + maxSeconds
                    + " s (request.receive.timeout.ms)",
                null));
      } else if (awaited && isShort && seconds - progressed > STALLED_SECONDS) {
        end(
            new HighwaterException(
                ErrorCode.THROTTLING_QUOTA_EXCEEDED,
                Outcome.UNKNOWN,
                "nothing more comes of the message, and others need the memory",
                null));
      }
      isWatched = awaited;
      return awaited;
    }

    /** What it holds is free as soon as the transport has dropped it. */
    private void end(HighwaterException failure) {
      Consumer<HighwaterException> ending = onRefused;
      awaited = false;
      if (ending != null) {
        ending.accept(failure);
      }
    }
  }
}
