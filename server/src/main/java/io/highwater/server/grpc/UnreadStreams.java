package io.highwater.server.grpc;

import io.grpc.Attributes;
import io.highwater.replication.OwnerLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Bounds what lies in the transport of streams that are not read from, for their client reads no
 * answers (INP-1): all connections that have such streams are looked at every {@value #SWEEP_MS}
 * ms, and while more lies there than may, those that have most of it are ended. On the owner loop,
 * where the listener lives.
 */
public final class UnreadStreams {
  /** Of a connection. */
  static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("unread-streams");

  static final int SWEEP_MS = 100;

  private static final int WINDOW_PART = 64;
  private static final int MIN_WINDOW_BYTES = 1 << 20;
  private static final int MAX_WINDOW_BYTES = 16 << 20;

  private final long maxBytes;
  private final LongSupplier alsoHeld;
  private final OwnerLoop loop;

  /** Those with streams that are not read from, or were a moment ago. */
  private final List<Connection> watched = new ArrayList<>();

  /**
   * @param maxBytes in all
   * @param alsoHeld bytes that count against the same bound and that others see to
   */
  UnreadStreams(long maxBytes, LongSupplier alsoHeld, OwnerLoop loop) {
    this.maxBytes = maxBytes;
    this.alsoHeld = alsoHeld;
    this.loop = loop;
  }

  /** What the transport takes of a stream before it is read from. */
  int windowBytes() {
    return (int) Math.max(MIN_WINDOW_BYTES, Math.min(MAX_WINDOW_BYTES, maxBytes / WINDOW_PART));
  }

  /**
   * A connection that is open.
   *
   * @param unread bytes that the transport has of it and no stream has read
   * @param turnOut ends it, at once
   */
  Connection connect(LongSupplier unread, Runnable turnOut) {
    return new Connection(unread, turnOut);
  }

  private void watch(Connection connection) {
    if (!connection.isWatched) {
      connection.isWatched = true;
      if (watched.isEmpty()) {
        loop.schedule(SWEEP_MS, this::sweep);
      }
      watched.add(connection);
    }
  }

  private void sweep() {
    long held = alsoHeld.getAsLong();
    for (Connection connection : watched) {
      connection.isWatched = connection.pausedStreams > 0;
      connection.unreadBytes = connection.isWatched ? connection.unread.getAsLong() : 0;
      held += connection.unreadBytes;
    }
    watched.removeIf(connection -> !connection.isWatched);
    if (held > maxBytes) {
      endGreatest(held);
    }
    if (!watched.isEmpty()) {
      loop.schedule(SWEEP_MS, this::sweep);
    }
  }

  private void endGreatest(long held) {
    List<Connection> greatest = new ArrayList<>(watched);
    greatest.sort(Comparator.comparingLong((Connection each) -> each.unreadBytes).reversed());
    long left = held;
    for (Connection connection : greatest) {
      if (left <= maxBytes || connection.unreadBytes == 0) {
        return;
      }
      left -= connection.unreadBytes;
      connection.turnOut.run();
    }
  }

  /** What a connection has of it. */
  final class Connection {
    private final LongSupplier unread;
    private final Runnable turnOut;
    private int pausedStreams;
    private boolean isWatched;

    /** When it was looked at last. */
    private long unreadBytes;

    private Connection(LongSupplier unread, Runnable turnOut) {
      this.unread = unread;
      this.turnOut = turnOut;
    }

    /** A stream that begins; it is being read from. */
    Stream begin() {
      return new Stream(this);
    }
  }

  /** One stream of a connection. */
  final class Stream {
    private final Connection connection;
    private boolean isPaused;

    private Stream(Connection connection) {
      this.connection = connection;
    }

    /** Whether its service wants more messages. Once it has ended it counts as read. */
    void reading(boolean now) {
      if (isPaused != now) {
        return;
      }
      isPaused = !now;
      if (now) {
        connection.pausedStreams--;
      } else {
        connection.pausedStreams++;
        watch(connection);
      }
    }
  }
}
